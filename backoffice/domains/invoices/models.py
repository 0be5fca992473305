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
    """An invoice as it was issued; it is never changed. `seller` and `buyer` are the particulars of that day, as
    `entering.Party`: `{"name", "lines": [...], "numbers": [[label, number]]}`; the buyer's are sealed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="invoices", verbose_name=_("customer"))
    issued_on = models.DateField(_("issued"))
    sold_on = models.DateField(_("sold"))
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
    """One thing that was sold. `vat_rate` is in per cent, and empty for what bears no VAT; `vat_note` says why then."""

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
