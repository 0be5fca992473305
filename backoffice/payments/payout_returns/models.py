"""What is taken back of payouts. All times are UTC, all amounts in minor units of the payment's currency."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.payouts.models import Payout


class ReturnState(models.TextChoices):
    UNDER_WAY = "under_way", _("the provider is asked")
    BACK = "back", _("taken back")
    OWED = "owed", _("the provider refused it, so the merchant owes it")
    SETTLED = "settled", _("other payouts have kept it")


class PayoutReturn(models.Model):
    """One for each time that something of a payout is to be taken back. Only the rules of this folder write it, under
    the locks of its case, the payment's case and the merchant.

    While it is UNDER_WAY the provider is asked for `amount` since `asked_at`, and no payout keeps the same debt. In
    any other state `amount` is what it was asked for at last. `attempt` counts what it refused for good, so that each
    try has a key of its own.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="payout_return")
    payout = models.ForeignKey(Payout, models.PROTECT, related_name="returns", verbose_name=_("payout"))
    state = models.CharField(_("state"), max_length=10, choices=ReturnState, default=ReturnState.UNDER_WAY)
    amount = models.BigIntegerField(_("amount"))
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    asked_at = models.DateTimeField(_("asked of the provider"))
    refusal = models.CharField(_("refused because"), max_length=24, blank=True)
    over_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        verbose_name = _("return of a payout")
        verbose_name_plural = _("returns of payouts")
        ordering = ["-asked_at", "pk"]
        indexes = [
            models.Index(fields=["payout"], name="payout_returns_under_way", condition=Q(state="under_way")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payout_return_has_an_amount"),
        ]

    def __str__(self) -> str:
        return self.sum.shown()

    @property
    def sum(self) -> Money:
        return Money(self.amount, self.payout.currency)

    @property
    def key(self) -> str:
        """Of one try: nothing is taken twice under it."""
        return f"{self.case_id}:take_back:{self.attempt}"


def return_of(case: Case) -> PayoutReturn:
    """That of a case, as the rows have it now."""
    found = PayoutReturn.objects.select_related("payout__payment__case", "payout__payment__merchant__company")
    return found.get(case_id=case.id)
