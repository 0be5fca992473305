"""Invoices as they were issued, and the duplicates that were made of them."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice import languages
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.documents.models import Document
from backoffice.sealed import SealedJSONField
from backoffice.statements import Select


class Currency(models.TextChoices):
    """Those that we invoice in. Each has a hundredth part."""

    PLN = "PLN", "PLN"
    EUR = "EUR", "EUR"
    USD = "USD", "USD"
    GBP = "GBP", "GBP"


class Invoice(models.Model):
    """An invoice as it was issued; what was issued is never changed. `seller` and `buyer` are the particulars of that
    day, as `entering.Party`: `{"name", "lines": [...], "numbers": [[label, number]]}`; the buyer's are sealed.

    `due_on` is the last day on which it can be paid in time, on the customer's own calendar; of an invoice that was
    entered without one nobody says that it is late. `settled_on` is the day on which the payments came to the whole of
    it, kept by the rules of `paying`; empty while something is to be paid. How it stands says `due.standing`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="invoices", verbose_name=_("customer"))
    issued_on = models.DateField(_("issued"))
    sold_on = models.DateField(_("sold"))
    due_on = models.DateField(_("to be paid by"), null=True, blank=True)
    settled_on = models.DateField(_("paid in full"), null=True, blank=True, editable=False)
    seller = models.JSONField(_("seller"))
    buyer = SealedJSONField(_("buyer"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    language = models.CharField(_("language"), max_length=8, choices=languages.choices, default="en")
    notes = models.JSONField(_("notes"), default=list, blank=True)
    """Sentences below the sums: how it was to be paid."""
    entered_at = models.DateTimeField(_("entered"))

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-issued_on", "-pk"]
        indexes = [models.Index(fields=["customer", "-issued_on"], name="invoices_of_customer")]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    """One thing that was sold. `vat_rate` is in per cent, and empty for what bears no VAT; `vat_note` says why then.
    `domain` is the name that it was sold for, where it was for one."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    place = models.PositiveSmallIntegerField()
    text = models.CharField(_("what"), max_length=200)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    unit_net = models.DecimalField(_("net price of one"), max_digits=14, decimal_places=4)
    vat_rate = models.DecimalField(
        _("VAT rate"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    vat_note = models.CharField(_("why no VAT"), max_length=120, blank=True)
    domain = models.ForeignKey(
        "domains.Domain", models.PROTECT, null=True, blank=True, related_name="invoice_lines", verbose_name=_("domain")
    )

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of an invoice")
        ordering = ["invoice", "place"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "place"], name="one_invoice_line_a_place"),
            models.CheckConstraint(
                condition=Q(vat_rate__isnull=True) | Q(vat_rate__gte=0, vat_rate__lte=100), name="vat_rate_in_per_cent"
            ),
            models.CheckConstraint(condition=Q(vat_rate__isnull=False) | ~Q(vat_note=""), name="no_vat_needs_a_reason"),
        ]

    def __str__(self) -> str:
        return self.text


class Cancelled(models.TextChoices):
    """Why a payment counts no more."""

    NO = "", _("it counts")
    RETURNED = "returned", _("the bank took the money back")
    MISTAKE = "mistake", _("it was recorded by mistake")


class InvoicePayment(models.Model):
    """Money that came for an invoice, in the invoice's currency. `key` is the id that whoever recorded it gave it, so
    that it counts once. It is never deleted; a cancelled one counts for nothing."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    key = models.CharField(max_length=80, unique=True, editable=False)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    paid_on = models.DateField(_("paid"))
    recorded_at = models.DateTimeField(_("recorded"))
    cancelled = models.CharField(_("cancelled"), max_length=12, choices=Cancelled, default=Cancelled.NO, blank=True)

    class Meta:
        verbose_name = _("payment of an invoice")
        verbose_name_plural = _("payments of invoices")
        ordering = ["paid_on", "pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_of_more_than_nothing")]

    def __str__(self) -> str:
        return f"{self.amount} {self.paid_on}"


class InvoiceAct(models.TextChoices):
    PAYMENT_RECORDED = "payment_recorded", _("recorded a payment")
    PAYMENT_CANCELLED = "payment_cancelled", _("cancelled a payment")


class InvoiceEvent(models.Model):
    """What somebody did about an invoice after it was issued: an event beside any case, written by the rule that did
    it, and never changed. The columns are those of `cases.Event`."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="events", verbose_name=_("invoice"))
    payment = models.ForeignKey(InvoicePayment, models.PROTECT, related_name="events", verbose_name=_("payment"))
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=20, choices=InvoiceAct)
    actor_kind = models.CharField(_("who"), max_length=12)
    actor_id = models.CharField(max_length=64, blank=True)
    channel = models.CharField(_("channel"), max_length=12, blank=True)
    proof = models.CharField(_("proof"), max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("event of an invoice")
        verbose_name_plural = _("events of invoices")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.kind


class InvoiceDuplicate(models.Model):
    """The particulars of a case that makes a duplicate. `made_on` is the day that stands on it, and `document` the file
    as it was given, with its hash. `live` while the case is open."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="invoice_duplicate")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="duplicates", verbose_name=_("invoice"))
    made_on = models.DateField(_("made on"), null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("duplicate of an invoice")
        verbose_name_plural = _("duplicates of invoices")
        constraints = [
            models.UniqueConstraint(fields=["invoice"], condition=Q(live=True), name="one_live_duplicate_an_invoice")
        ]

    def __str__(self) -> str:
        return str(self.case_id)

    @classmethod
    def of(cls, case: Case) -> InvoiceDuplicate:
        """The particulars of the case, with the invoice, read once for each unit of work."""
        return case.once("invoice_duplicate", lambda: _of(case))


_OF_CASE = Select(
    lambda case_id: InvoiceDuplicate.objects.filter(case_id=case_id).select_related("invoice", "document"),
    uuid.UUID(int=1),
)


def _of(case: Case) -> InvoiceDuplicate:
    found = _OF_CASE.first(case.id)
    if found is None:
        raise InvoiceDuplicate.DoesNotExist
    found.case = case
    return found
