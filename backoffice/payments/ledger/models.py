"""The ledger: accounts, postings and their entries, in double entry.

Amounts are signed, as in other ledgers of plain text and rows (ledger-cli, beancount): a debit is above zero, a credit
below it, and the entries of a posting come to nought. So the balance of an account says what its owner owes us where it
is above zero, and what we owe its owner where it is below.

The database holds what no route may get round (migration `0002_ledger_guards`): postings and entries are only added,
entries of a posting are complete and come to nought when the transaction commits, a balance is the sum of the account's
entries and nothing else.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.actors import ActorKind, Channel
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.money_columns import is_amount, is_currency


class AccountKind(models.TextChoices):
    CUSTOMER = "customer", _("customer")
    """What we owe a customer: credits, and what they paid to us in advance."""
    MERCHANT = "merchant", _("merchant")
    """What we owe a merchant for captured payments."""
    PROVIDER = "provider", _("payment provider")
    """What the provider holds for us."""
    COMPENSATION = "compensation", _("compensation")
    """Credits that were given to customers, and on which nobody has decided yet."""
    LOSS = "loss", _("loss")
    """What nobody pays back."""
    INCOME = "income", _("our fees")
    """What we earn: the fees that merchants pay us."""
    COSTS = "costs", _("what payments cost us")
    """What the provider keeps of payments that are no merchant's: the fees that we bear ourselves."""
    BILLS = "bills", _("our own bills")
    """What was paid of our own bills, by card. Each bill itself is kept where it was written."""


OWNED = frozenset({AccountKind.CUSTOMER, AccountKind.MERCHANT})
"""Kinds of which each owner has accounts of their own. Of the others there is one for each currency."""


class Account(models.Model):
    """An account of one owner, in one currency. Only a trigger changes `balance`, in the smallest unit.

    The balances of compensation and loss never fall below zero: no more credits are decided than were given, and no
    more is recovered than was lost. Those of customers, merchants and the provider go both ways: a merchant owes us
    after a refund of what was paid out to them, a customer after the reversal of a credit that they spent, and we owe
    the provider while it has paid back more than it holds for us. That of our fees is what we have earned, and falls
    below it.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=AccountKind)
    owner = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    """The customer, or the company that the merchant is; none for accounts of our own."""
    currency = models.CharField(_("currency"), max_length=3)
    balance = models.BigIntegerField(default=0, editable=False)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["kind", "currency", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "owner", "currency"], nulls_distinct=False, name="one_account_an_owner_and_currency"
            ),
            models.UniqueConstraint(fields=["id", "currency"], name="account_of_a_currency"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(OWNED), owner__isnull=False) | (~Q(kind__in=sorted(OWNED)) & Q(owner=None)),
                name="account_has_an_owner_by_its_kind",
            ),
            models.CheckConstraint(condition=is_currency(), name="account_currency_is_a_code"),
            models.CheckConstraint(
                condition=~Q(kind__in=[AccountKind.COMPENSATION, AccountKind.LOSS]) | Q(balance__gte=0),
                name="compensation_and_loss_not_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.currency}"

    @property
    def money(self) -> Money:
        """The balance: above zero what the owner owes us, below it what we owe them."""
        return Money(self.balance, self.currency)


class PostingKind(models.TextChoices):
    """Why money moved. A payment that is only authorised moves none: its provider has reserved an amount at the
    cardholder's bank, and nobody owes anybody more than before. It stands on the timeline of the case."""

    CAPTURED = "captured", _("payment captured")
    TOPPED_UP = "topped_up", _("balance topped up")
    TOP_UP_REVERSED = "top_up_reversed", _("top-up taken back from the balance")
    TOP_UP_RESTORED = "top_up_restored", _("top-up back on the balance")
    FEE = "fee", _("fee of the provider")
    REFUNDED = "refunded", _("payment refunded")
    REFUND_FAILED = "refund_failed", _("refund did not arrive")
    OUR_FEE = "our_fee", _("our fee")
    SETTLED = "settled", _("paid out to the merchant")
    PAYOUT_RETURNED = "payout_returned", _("payout taken back from the merchant")
    CREDITED = "credited", _("credit given for now")
    CREDIT_REVERSED = "credit_reversed", _("credit taken back")
    CREDIT_KEPT = "credit_kept", _("credit kept, the merchant bears it")
    CREDIT_LOST = "credit_lost", _("credit kept, we bear it")
    PAID_BACK = "paid_back", _("paid back to the customer")
    PAY_BACK_FAILED = "pay_back_failed", _("what was paid back did not arrive")
    WRITTEN_OFF = "written_off", _("debt of a merchant written off")
    BILL_PAID = "bill_paid", _("bill paid")
    BILL_RETURNED = "bill_returned", _("payment of a bill returned")
    BILL_RETURN_FAILED = "bill_return_failed", _("returned payment of a bill did not arrive")
    FEE_BORNE = "fee_borne", _("fee of the provider that we bear")


class Posting(models.Model):
    """One movement of money, by one step of a case. `key` is made of both, so that it is posted once.

    `amount` is the sum of its debits, in the smallest unit, and `lines` the number of its entries. `at` is UTC.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=140, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="postings", verbose_name=_("case"))
    kind = models.CharField(_("what"), max_length=20, choices=PostingKind)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(editable=False)
    lines = models.PositiveSmallIntegerField(editable=False)
    at = models.DateTimeField(_("when"))
    actor_kind = models.CharField(_("who"), max_length=10, choices=[(one.value, one.value) for one in ActorKind])
    actor_id = models.CharField(max_length=40, blank=True)
    channel = models.CharField(_("channel"), max_length=20, choices=[(one.value, one.value) for one in Channel])
    proof = models.CharField(_("proof"), max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["id", "currency"], name="posting_of_a_currency"),
            models.CheckConstraint(condition=Q(lines__gte=2), name="posting_has_two_entries_or_more"),
            is_amount(name="posting_of_more_than_nothing"),
        ]
        indexes = [
            models.Index(fields=["currency", "kind", "at"], include=["amount"], name="postings_of_a_kind"),
            models.Index(fields=["-at", "-id"], name="postings_newest"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Entry(models.Model):
    """What a posting does to one account: a debit above zero, a credit below it. Composite foreign keys in the database
    hold `currency` to that of the account and of the posting."""

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="entries", db_index=False)
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("account")
    )
    minor = models.BigIntegerField()
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["posting", "account"], name="one_entry_an_account"),
            models.CheckConstraint(condition=~Q(minor=0), name="no_entry_of_nothing"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="entries_of_an_account")]

    def __str__(self) -> str:
        return str(self.money)

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)
