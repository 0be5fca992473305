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


class NeedsPerson(models.TextChoices):
    """Why a person decides on the credit. Empty where it is given by itself."""

    NO = "", _("no: it is within the caps")
    CAP = "cap", _("it is more than a claim gets by itself")
    TOGETHER = "together", _("it is more than this customer gets by itself in 30 days")
    COUNT = "count", _("this customer has had too many credits in 30 days")
    WRONG_BEFORE = "wrong_before", _("an earlier claim of this customer was wrong")
    CURRENCY = "currency", _("there is no cap for this currency")


class Verdict(models.TextChoices):
    """Who bears it, or that the payment was right. With the values of the outcomes."""

    NONE = "", _("not decided yet")
    MERCHANT = "merchant", _("the customer keeps it, the merchant bears it")
    US = "us", _("the customer keeps it, we bear it")
    WRONG = "wrong", _("the payment was right")


class PaymentClaim(models.Model):
    """One claim about one payment. Only the rules of this folder write it, under the lock of its case.

    `amount` is what is claimed: what the payment took, less what had gone back by then. `needs` says why a person
    decides on the credit; one that a person refused has `credit_refused_at`. `decide_by` is the day that counts now: a
    holding letter moves it, never beyond `latest_by`. `because` is what the customer reads of the decision, `answer`
    what they answer. `reverse_on` is when the credit is taken back. `went_back_at` is when the merchant or the bank
    gave the money back by another way. `paid_to` is where it went in the end (`facts.PaidTo`). `dispute` is the
    provider's id of what the customer's bank disputes, `dispute_state` where that is (`events.DisputeStatus`).
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="payment_claim")
    payment = models.ForeignKey(VoicePayment, models.PROTECT, related_name="claims", verbose_name=_("payment"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payment_claims", verbose_name=_("customer"))
    why = models.CharField(_("what is wrong"), max_length=16, choices=Why)
    text = SealedTextField(_("in the customer's words"), blank=True, default="")
    came = models.CharField(_("came"), max_length=8, choices=Came)
    amount = models.BigIntegerField(_("amount"))
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
            models.UniqueConstraint(fields=["payment"], condition=Q(live=True), name="one_open_claim_a_payment"),
            is_amount(name="a_payment_claim_has_an_amount"),
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
        """The claim of a case, read once for each unit of work. Raises `DoesNotExist`."""
        found = cls.objects.select_related("payment__merchant", "payment__card", "customer")
        return case.once("payment claim", lambda: found.get(case_id=case.id))

    @property
    def sum(self) -> Money:
        return Money(self.amount, self.currency)

    def is_late(self, now: datetime) -> bool:
        """Whether the day has passed on which the credit or the decision was due. `now` is aware."""
        waits = self.needs and not (self.credited_at or self.credit_refused_at or self.decided_at)
        return self.live and ((bool(waits) and self.credit_by < now) or (not self.decided_at and self.decide_by < now))
