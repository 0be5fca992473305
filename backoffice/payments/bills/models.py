"""Pages of the payment provider on which somebody pays a bill without saying who they are."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.money_columns import is_amount

KEY = "bill:"


class PageState(models.TextChoices):
    OPEN = "open", _("not paid yet")
    ENDED = "ended", _("ended without a payment")
    PAID = "paid", _("paid, being booked")
    BOOKED = "booked", _("booked")
    RETURNING = "returning", _("paid too late, the money goes back")
    RETURNED = "returned", _("paid too late, the money went back")
    CAME_BACK = "came_back", _("paid too late, and what went back did not arrive")


CAME = frozenset({PageState.PAID, PageState.BOOKED, PageState.RETURNING, PageState.RETURNED, PageState.CAME_BACK})
"""The money has come, so there is a case."""


class BillPage(models.Model):
    """A page that somebody opened to pay a bill: `bill` is its key within the `kind` (`customers.bills`), and
    `customer` is whose bill it is. Who opened it is not known. `provider_page` is the provider's id, empty until it has
    answered; the address of its page is never stored. `payment` is the provider's too. `provider_fee` is what the
    provider keeps of it, None while we have not asked. Times are UTC."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    bill = models.CharField(max_length=64)
    reference = models.CharField(_("bill"), max_length=64)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=10, choices=PageState, default=PageState.OPEN)
    provider_page = models.CharField(max_length=80, blank=True, editable=False)
    payment = models.CharField(_("payment at the provider"), max_length=80, blank=True, db_index=True)
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="bill_page")
    opened_at = models.DateTimeField(_("opened"))
    ends_at = models.DateTimeField(_("ends"))
    looked_at = models.DateTimeField(_("looked at"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    provider_fee = models.BigIntegerField(_("fee of the provider"), null=True, blank=True)

    class Meta:
        verbose_name = _("page on which a bill is paid")
        verbose_name_plural = _("pages on which bills are paid")
        ordering = ["-opened_at", "id"]
        constraints = [
            is_amount(name="a_bill_page_has_an_amount"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(CAME), case__isnull=False, paid_at__isnull=False) & ~Q(payment="")
                | Q(case=None, paid_at=None, payment="") & ~Q(state__in=sorted(CAME)),
                name="a_paid_bill_page_has_a_case",
            ),
        ]
        indexes = [
            models.Index(fields=["looked_at"], condition=Q(state=PageState.OPEN), name="bill_pages_to_look_at"),
            models.Index(fields=["ends_at"], condition=Q(state=PageState.ENDED), name="bill_pages_to_forget"),
            models.Index(
                fields=["paid_at"],
                condition=Q(state__in=sorted(CAME), provider_fee=None),
                name="bill_pages_without_a_fee",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_state_display())

    @property
    def sum(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def receipt_number(self) -> str:
        """Of the receipt of who paid: `P-1F7E-1C52`. It names the page and nothing of whose bill it is, so whoever paid
        can tell it on the telephone; it opens nothing."""
        digits = self.pk.hex[:8].upper()
        return f"P-{digits[:4]}-{digits[4:]}"

    @property
    def key(self) -> str:
        """Under which the provider knows the page, and the payment that is made there."""
        return f"{KEY}{self.pk}"


class BillRefund(models.Model):
    """A refund of a payment that came too late, and that did not arrive. `id` is the provider's. Nobody knows who paid,
    so `case` waits until they call and name their receipt. `paid_otherwise_at` is when they had the money. Times are
    UTC."""

    id = models.CharField(primary_key=True, max_length=80, editable=False)
    page = models.ForeignKey(BillPage, models.PROTECT, related_name="refunds", verbose_name=_("page"))
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    failed_at = models.DateTimeField(_("did not arrive"))
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="bill_refund")
    paid_otherwise_at = models.DateTimeField(_("paid in another way"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund of a bill's payment that did not arrive")
        verbose_name_plural = _("refunds of bills' payments that did not arrive")
        ordering = ["-failed_at", "id"]
        constraints = [is_amount(name="a_bill_refund_has_an_amount")]

    def __str__(self) -> str:
        return self.money.shown()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class BillDispute(models.Model):
    """A payment of a bill that its payer's bank took back. `id` is the provider's of the dispute, `reason` the card
    network's word. `won` says that the money came back, empty while the bank has not decided. Times are UTC."""

    id = models.CharField(primary_key=True, max_length=80, editable=False)
    page = models.ForeignKey(BillPage, models.PROTECT, related_name="disputes", verbose_name=_("page"))
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="bill_dispute")
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    taken_at = models.DateTimeField(_("taken back"))
    answer_by = models.DateTimeField(_("answer by"))
    over_at = models.DateTimeField(_("decided"), null=True, blank=True)
    won = models.BooleanField(_("decided for us"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute about a bill")
        verbose_name_plural = _("disputes about bills")
        constraints = [is_amount(name="a_bill_dispute_has_an_amount")]

    def __str__(self) -> str:
        return self.money.shown()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
