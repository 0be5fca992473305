"""Claims about payments: what the customer says, the dates that they were told, and what was decided. All times are
UTC, all amounts in minor units of their currency."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.money_columns import is_amount
from backoffice.payments.voice.models import VoicePayment
from backoffice.sealed import SealedTextField


class Why(models.TextChoices):
    """What is wrong with the payment, as its customer says it."""

    NOT_MINE = "not_mine", _("I did not order this")
    AMOUNT = "amount", _("It is another amount than was read to me")
    NOT_DELIVERED = "not_delivered", _("I did not get what I paid for")
    TWICE = "twice", _("I paid twice for the same")
    OTHER = "other", _("Something else is wrong")


class Came(models.TextChoices):
    """How it came to us."""

    PORTAL = "portal", _("in the portal")
    DESK = "desk", _("from the customer, through one of us")
    BANK = "bank", _("from the customer's bank")
    DETECTED = "detected", _("by a fraud warning of the card's issuer")


class NeedsPerson(models.TextChoices):
    """Why a person decides on the credit. Empty where it is given by itself."""

    NO = "", _("no: it is within the caps")
    CAP = "cap", _("it is more than a claim gets by itself")
    TOGETHER = "together", _("it is more than this customer gets by itself in 30 days")
    COUNT = "count", _("this customer has had too many credits in 30 days")
    WRONG_BEFORE = "wrong_before", _("an earlier claim of this customer was wrong")
    CURRENCY = "currency", _("there is no cap for this currency")
    DETECTED = "detected", _("the customer has not said anything yet: ask them")


class Verdict(models.TextChoices):
    """Who bears it, or that the payment was right. With the values of the outcomes."""

    NONE = "", _("not decided yet")
    MERCHANT = "merchant", _("the customer keeps it, the merchant bears it")
    US = "us", _("the customer keeps it, we bear it")
    WRONG = "wrong", _("the payment was right")


class PaymentClaim(models.Model):
    """One claim about one payment. Only the rules of this folder write it, under the lock of its case.

    `amount` is what is claimed: all that is left of the payment, or a part of it; `returned` is how much of that went
    back to the card by another way meanwhile, so that only the rest (`open`) is still claimed. `needs` says why a
    person decides on the credit; one that a person refused has `credit_refused_at`. `decide_by` is the day that counts
    now: a holding letter moves it, never beyond `latest_by`. `because` is what the customer reads of the decision,
    `answer` what they answer. `reverse_on` is when the credit is taken back. `went_back_at` is when all of it had gone
    back by another way. `paid_to` is where it went in the end (`facts.PaidTo`). `dispute` is the provider's id of what
    the customer's bank disputes, `dispute_state` where that is (`events.DisputeStatus`).
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="payment_claim")
    payment = models.ForeignKey(VoicePayment, models.PROTECT, related_name="claims", verbose_name=_("payment"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payment_claims", verbose_name=_("customer"))
    why = models.CharField(_("what is wrong"), max_length=16, choices=Why)
    text = SealedTextField(_("in the customer's words"), blank=True, default="")
    came = models.CharField(_("came"), max_length=8, choices=Came)
    amount = models.BigIntegerField(_("amount"))
    returned = models.BigIntegerField(_("went back meanwhile"), default=0, db_default=0)
    currency = models.CharField(_("currency"), max_length=3)
    needs = models.CharField(_("a person decides on the credit"), max_length=16, choices=NeedsPerson, blank=True)
    received_at = models.DateTimeField(_("received"))
    credit_by = models.DateTimeField(_("credit by"))
    decide_by = models.DateTimeField(_("decision by"))
    latest_by = models.DateTimeField(_("at the latest by"))
    credited_at = models.DateTimeField(_("credited"), null=True, blank=True)
    credit_refused_at = models.DateTimeField(_("credit refused"), null=True, blank=True)
    held_at = models.DateTimeField(_("holding letter"), null=True, blank=True)
    held_because = SealedTextField(_("why it takes longer"), blank=True, default="")
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict, blank=True)
    because = SealedTextField(_("why it was decided so"), blank=True, default="")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reverse_on = models.DateTimeField(_("credit is taken back on"), null=True, blank=True)
    answer = SealedTextField(_("what the customer answers"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    reversed_at = models.DateTimeField(_("credit taken back"), null=True, blank=True)
    went_back_at = models.DateTimeField(_("went back by another way"), null=True, blank=True)
    paid_to = models.CharField(_("paid to"), max_length=12, blank=True)
    paid_at = models.DateTimeField(_("paid back"), null=True, blank=True)
    dispute = models.CharField(_("dispute at the bank"), max_length=64, blank=True, db_index=True)
    dispute_state = models.CharField(_("state of the dispute"), max_length=16, blank=True)
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("claim about a payment")
        verbose_name_plural = _("claims about payments")
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["decide_by", "case"], condition=Q(live=True), name="payment_claims_open"),
            models.Index(fields=["customer", "-received_at"], name="payment_claims_of_customer"),
        ]
        constraints = [
            is_amount(name="a_payment_claim_has_an_amount"),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("amount")), name="no_more_returned_than_is_claimed"
            ),
            models.CheckConstraint(
                condition=Q(credit_by__lte=F("decide_by")) & Q(decide_by__lte=F("latest_by")),
                name="payment_claim_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at=None) | ~Q(verdict="") & Q(decided_at__isnull=False),
                name="a_decided_payment_claim_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.case.reference

    @classmethod
    def of(cls, case: Case) -> PaymentClaim:
        """The claim of a case, read once for each unit of work. Its own `case` is this object, on whose timeline a rule
        notes what it does. Raises `DoesNotExist`."""

        def read() -> PaymentClaim:
            found = cls.objects.select_related("payment__merchant__company", "payment__card", "customer")
            claim = found.get(case_id=case.id)
            claim.case = case
            return claim

        return case.once("payment claim", read)

    @property
    def sum(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def open(self) -> Money:
        """What is still claimed: less what went back by another way meanwhile."""
        return Money(self.amount - self.returned, self.currency)

    @property
    def is_unsettled(self) -> bool:
        """Whether the customer may still get something by this claim."""
        return self.live and not (self.paid_at or self.went_back_at or self.reversed_at) and self.returned < self.amount

    def is_late(self, now: datetime) -> bool:
        """Whether the day has passed on which the credit or the decision was due. `now` is aware."""
        waits = self.needs and not (self.credited_at or self.credit_refused_at or self.decided_at)
        return self.live and ((bool(waits) and self.credit_by < now) or (not self.decided_at and self.decide_by < now))


class CardRefund(models.Model):
    """Money that the provider sends back to the card of a payment, whoever asked for it, as its events tell of it. `id`
    is the provider's. `key` is that of our own call, empty where somebody gave it back at the provider's own pages.
    A refund can fail days after the provider has accepted it; then `case` looks for another way to pay."""

    id = models.CharField(primary_key=True, max_length=80, editable=False)
    payment = models.ForeignKey(VoicePayment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    key = models.CharField(max_length=140, blank=True, editable=False)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    seen_at = models.DateTimeField(_("reported"))
    failed_at = models.DateTimeField(_("did not arrive"), null=True, blank=True)
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="card_refund")
    paid_otherwise_at = models.DateTimeField(_("paid in another way"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund to a card")
        verbose_name_plural = _("refunds to cards")
        ordering = ["-seen_at", "id"]
        constraints = [
            is_amount(name="a_card_refund_has_an_amount"),
            models.CheckConstraint(
                condition=Q(case=None) | Q(failed_at__isnull=False), name="only_a_failed_refund_has_a_case"
            ),
        ]

    def __str__(self) -> str:
        return self.money.shown()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def claim(self) -> PaymentClaim | None:
        """The claim whose own call asked for it: the key of a call begins with the id of its case."""
        found = PaymentClaim.objects.filter(payment_id=self.payment_id).select_related("case")
        return next((one for one in found if self.key.startswith(f"{one.case_id}:")), None)
