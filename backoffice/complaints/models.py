"""Complaints: what was written, the clock, the answers, the redress and the evidence. All times are UTC."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.references import new_reference
from backoffice.sealed import SealedJSONField, SealedTextField
from backoffice.trust.models import Contact
from workflows.complaint.facts import Moment


class Topic(models.TextChoices):
    """What it is about."""

    CALL = "call", _("a telephone call")
    MESSAGE = "message", _("a mail, a letter or a text message")
    VISIT = "visit", _("a visit at home")
    PAYMENT = "payment", _("a payment or a card")
    FEE = "fee", _("a fee or a charge")
    DELAY = "delay", _("something that takes too long")
    PERSON = "person", _("somebody who works for us")
    DATA = "data", _("personal data")
    OTHER = "other", _("something else")


def topics() -> list[tuple[str, Any]]:
    """The topics as a form offers them."""
    return [(one.value, capfirst(one.label)) for one in Topic]


class Came(models.TextChoices):
    """How it came to us."""

    PORTAL = "portal", _("in the portal")
    PHONE = "phone", _("on the telephone")
    LETTER = "letter", _("by letter")
    API = "api", _("from another system")
    PUBLIC = "public", _("on our public page")


class ClockRule(models.TextChoices):
    """With the values of `workflows.complaint.facts.Rule`."""

    PAYMENTS = "payments", _("payments: 15 business days, at most 35")
    OTHERS = "others", _("8 weeks")


class Complaint(models.Model):
    """The particulars of a complaint, which outlive its case.

    `text` is what the customer wrote or said, `wish` what they want, `whom` the name that they typed. `name_unknown`:
    they typed a name that fits nobody of us. `contact` and `about_case` are what it is about. `answer_by` is the day
    that counts now: a holding letter and another look move it. `opened_by` is what kind of actor opened it.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="complaint")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="complaints", verbose_name=_("customer"))
    topic = models.CharField(_("about"), max_length=10, choices=Topic)
    came = models.CharField(_("came"), max_length=8, choices=Came)
    text = SealedTextField(_("what was written"))
    wish = SealedTextField(_("what the customer wants"), blank=True, default="")
    whom = SealedTextField(_("whom it names"), blank=True, default="")
    name_unknown = models.BooleanField(_("it names somebody whom we do not find"), default=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    about_case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="complaints_about")
    rule = models.CharField(_("clock"), max_length=10, choices=ClockRule)
    country = models.CharField(_("country of the clock"), max_length=2)
    received_at = models.DateTimeField(_("received"))
    summary_by = models.DateTimeField(_("a summary is enough until"))
    final_by = models.DateTimeField(_("answer due"))
    hard_stop = models.DateTimeField(_("latest"))
    answer_by = models.DateTimeField(_("answer by"))
    held_at = models.DateTimeField(_("holding letter"), null=True, blank=True)
    held_because = SealedTextField(_("why it takes longer"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    reopened_because = SealedTextField(_("why it was reopened"), blank=True, default="")
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        indexes = [
            models.Index(fields=["received_at", "case"], condition=Q(live=True), name="complaints_by_age"),
            models.Index(fields=["topic", "received_at", "case"], condition=Q(live=True), name="complaints_by_topic"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(final_by__lte=models.F("hard_stop")) & Q(answer_by__isnull=False),
                name="complaint_clock_has_its_order",
            )
        ]

    def __str__(self) -> str:
        return self.case.reference

    @classmethod
    def of(cls, case: Case) -> Complaint:
        """The particulars of the case, read once for each unit of work. Raises `DoesNotExist`."""
        return case.once(
            "complaint",
            lambda: cls.objects.select_related("contact", "about_case", "customer").get(case_id=case.id),
        )

    @property
    def by_letter(self) -> bool:
        """The customer reads letters: they did not sign in to write, or cannot."""
        return self.came in (Came.LETTER, Came.PUBLIC) or self.customer.user_id is None

    def is_late(self, now: datetime) -> bool:
        """Whether the day has passed on which an answer, or the second one, was due."""
        return self.live and self.answered_at is None and self.answer_by < now


class Verdict(models.TextChoices):
    """With the values of the outcomes."""

    UPHELD = "upheld", _("you are right")
    PARTLY = "partly", _("you are partly right")
    REJECTED = "rejected", _("we see it differently")


class Decision(models.Model):
    """An answer as its writer sent it off. The customer sees it from `told_at` on, once what it gives is approved;
    one that never was told was sent back."""

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="decisions")
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict)
    reasons = SealedTextField(_("reasons"))
    again = models.BooleanField(_("after another look"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer to a complaint")
        verbose_name_plural = _("answers to complaints")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return str(self.get_verdict_display())


class RedressKind(models.TextChoices):
    MONEY = "money", _("money")
    APOLOGY = "apology", _("an apology in writing")
    CORRECTION = "correction", _("we put right what is wrong")
    FREE_SERVICE = "free_service", _("a service without its fee")


class Currency(models.TextChoices):
    EUR = "EUR", "EUR"
    GBP = "GBP", "GBP"
    PLN = "PLN", "PLN"
    USD = "USD", "USD"


class Redress(models.Model):
    """One thing that the customer gets. It is owed from `promised_at` on, and due by `due_at`. An amount is in minor
    units (cents) and in no history of the engine."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="redress")
    kind = models.CharField(_("what"), max_length=14, choices=RedressKind)
    amount_minor = models.PositiveBigIntegerField(_("amount in minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, blank=True)
    words = SealedTextField(_("in words"), blank=True, default="")
    promised_at = models.DateTimeField(_("promised"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("given by")
    )

    class Meta:
        verbose_name = _("redress")
        verbose_name_plural = _("redress")
        constraints = [
            models.UniqueConstraint(fields=["decision", "kind"], name="one_redress_of_a_kind"),
            models.CheckConstraint(
                condition=Q(kind="money", amount_minor__gt=0) & ~Q(currency="")
                | ~Q(kind="money") & Q(amount_minor=None, currency=""),
                name="only_money_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(given_at=None) | Q(promised_at__isnull=False), name="redress_is_promised_before_given"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Edition(models.TextChoices):
    FULL = "full", _("full")
    CUSTOMER = "customer", _("for the customer")


class Bundle(models.Model):
    """The evidence of a moment, as it was sealed (`cases/bundles.py`). It is written once and never changed."""

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="bundles")
    moment = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Moment])
    edition = models.CharField(max_length=10, choices=Edition)
    content = SealedTextField()
    digest = models.CharField("SHA-256", max_length=64)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "moment", "edition"], name="one_bundle_a_moment"),
        ]

    def __str__(self) -> str:
        return self.digest[:12]


class StrangerState(models.TextChoices):
    WAITING = "waiting", _("waits for the desk")
    OPENED = "opened", _("a case was opened")
    ANSWERED = "answered", _("answered")


class StrangersComplaint(models.Model):
    """A complaint of somebody who is not signed in, or no customer: the desk opens a case for it, or answers it.

    `reference` is its number, which the page tells at once. `name`, `reach` and `whom` are as they were typed.
    `about_case` is set where the typed reference and the last three digits of a telephone number on file belong
    together; the page says the same either way. `history` is `[[at, code, user's public id], …]`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField(unique=True, editable=False)
    reference = models.CharField(_("number"), max_length=12, unique=True, default=new_reference, editable=False)
    received_at = models.DateTimeField(_("received"))
    topic = models.CharField(_("about"), max_length=10, choices=Topic)
    text = SealedTextField(_("what was written"))
    name = SealedTextField(_("name"), blank=True, default="")
    reach = SealedTextField(_("how to reach them"), blank=True, default="")
    whom = SealedTextField(_("whom it names"), blank=True, default="")
    about_case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=StrangerState, default=StrangerState.WAITING)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    held_at = models.DateTimeField(null=True, blank=True)
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="strangers_complaint")
    answer = SealedTextField(_("answer"), blank=True, default="")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    kept_from = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    """Those of us whom it names: they do not see it."""
    history = SealedJSONField(null=True, editable=False)

    class Meta:
        verbose_name = _("complaint of a stranger")
        verbose_name_plural = _("complaints of strangers")
        indexes = [models.Index(fields=["received_at", "id"], condition=Q(state="waiting"), name="strangers_waiting")]

    def __str__(self) -> str:
        return self.reference

    def note(self, what: str, *, by: str = "", at: datetime) -> None:
        """Adds a line to the history; the caller saves `history`."""
        self.history = [*(self.history or []), [at.isoformat(), what, by]]
