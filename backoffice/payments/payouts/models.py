"""What goes on to a merchant of each payment by telephone: how much, when, and what holds it. All times are UTC, all
amounts in minor units of the payment's currency."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.voice.models import VoicePayment


class PayoutState(models.TextChoices):
    EXPECTED = "expected", _("expected, once the delivery is reported")
    WAITS = "waits", _("waits for its day")
    HELD = "held", _("held")
    UNDER_WAY = "under_way", _("under way")
    PAID = "paid", _("paid out")
    NOTHING = "nothing", _("nothing is left to be paid out")


OVER = frozenset({PayoutState.PAID, PayoutState.NOTHING})


class HeldBecause(models.TextChoices):
    """Why a payout that is due is not made now. Each ends by itself once its cause is gone (`freeing`)."""

    NO = "", _("no")
    CLAIM = "claim", _("the customer disputes the payment")
    SUSPENDED = "suspended", _("the merchant is suspended")
    NO_ACCOUNT = "no_account", _("no account to pay to is known")
    NEW_ACCOUNT = "new_account", _("the account was changed a short time ago")
    REFUSED = "refused", _("the payment provider refused it")


class Payout(models.Model):
    """One for each payment that was taken. Only the rules of this folder write it, under the lock of that one's case.

    `provider_fee` is what the provider keeps of the payment, None while it is not known. From UNDER_WAY on, `amount`
    goes to `account`, `our_fee` is ours, and `withheld` stays with us for what the merchant owed from before; until
    then they are 0. `attempt` counts what the provider refused for good, so that each has a key of its own. `transfer`
    is the provider's id, `returned` what was taken back of it. `freed_at` says that the process was told to look again.
    """

    payment = models.OneToOneField(VoicePayment, models.PROTECT, primary_key=True, related_name="payout")
    state = models.CharField(_("payout"), max_length=10, choices=PayoutState, default=PayoutState.EXPECTED)
    held_because = models.CharField(_("held because"), max_length=12, choices=HeldBecause, blank=True)
    freed_at = models.DateTimeField(null=True, blank=True, editable=False)
    provider_fee = models.BigIntegerField(_("fee of the provider"), null=True, blank=True)
    our_fee = models.BigIntegerField(_("our fee"), default=0)
    withheld = models.BigIntegerField(_("kept for a debt"), default=0)
    amount = models.BigIntegerField(_("amount"), default=0)
    account = models.CharField(_("account at the payment provider"), max_length=60, blank=True)
    taken_at = models.DateTimeField(_("payment taken"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    asked_at = models.DateTimeField(_("asked of the provider"), null=True, blank=True)
    refusal = models.CharField(_("refused because"), max_length=24, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    transfer = models.CharField(_("transfer at the provider"), max_length=64, blank=True, db_index=True)
    paid_at = models.DateTimeField(_("paid out"), null=True, blank=True)
    returned = models.BigIntegerField(_("taken back"), default=0)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-taken_at", "pk"]
        indexes = [
            models.Index(fields=["held_because", "due_at"], name="payouts_held", condition=Q(state="held")),
            models.Index(fields=["state", "-taken_at", "payment"], name="payouts_by_state"),
            models.Index(fields=["-taken_at", "payment"], name="payouts_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False, amount__gt=0) & ~Q(transfer="") & ~Q(account="")
                | ~Q(state="paid") & Q(paid_at=None, transfer="", returned=0),
                name="a_paid_payout_says_where_and_when",
            ),
            models.CheckConstraint(
                condition=Q(state="held") & ~Q(held_because="") | ~Q(state="held") & Q(held_because=""),
                name="a_held_payout_says_why",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, our_fee__gte=0, withheld__gte=0, returned__gte=0)
                & Q(returned__lte=models.F("amount")),
                name="a_payout_moves_no_less_than_nothing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_state_display())

    @property
    def currency(self) -> str:
        return self.payment.currency

    @property
    def sum(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def group(self) -> str:
        """Under which the provider has all payouts of the payment."""
        return str(self.payment_id)

    @property
    def key(self) -> str:
        """Of one try: nothing is paid out twice under it."""
        return f"{self.payment_id}:payout:{self.attempt}"


def expected(payment: VoicePayment) -> Payout:
    """The payout of a payment that was taken; a new one where there is none. Call it under the lock of its case."""
    taken_at = payment.captured_at or payment.ordered_at
    payout, _new = Payout.objects.get_or_create(payment=payment, defaults={"taken_at": taken_at})
    payout.payment = payment
    return payout


def payout_of(case: Case) -> Payout | None:
    """That of a payment's case, as the rows have it now."""
    found = Payout.objects.select_related("payment__case", "payment__merchant__company")
    return found.filter(payment_id=case.id).first()
