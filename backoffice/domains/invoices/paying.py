"""Records what was paid of an invoice, and takes a record back. Each writes its event, and keeps the day on which the
payments came to the whole, by which a domain is free of debt (`domains/debts.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.domains.invoices import due, rights
from backoffice.domains.invoices.models import Cancelled, Invoice, InvoiceAct, InvoiceEvent, InvoicePayment
from backoffice.domains.invoices.totals import NOTHING, rounded
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.rights import needs

MOST = Decimal("99999999999.99")
LONGEST_KEY = 80
BEFORE_THE_INVOICE = timedelta(days=366)
"""Money may come before the invoice for it, but not by more than a year."""
WHYS = tuple(one for one in Cancelled if one is not Cancelled.NO)


@dataclass(frozen=True, kw_only=True)
class Paid:
    """Money that came. `paid_on` is the day on which it reached us; `key` the id that whoever records it gives it."""

    key: str
    amount: Decimal
    currency: str
    paid_on: date


@needs(rights.RECORD_PAYMENT)
@transaction.atomic
def record_payment(*, invoice: Invoice, paid: Paid, by: Actor, now: datetime) -> InvoicePayment:
    """Notes the payment; the same key with the same content again gives the one that is there. Raises `Invalid` with
    every fault on its field, and `Conflict` on `key` for one that was recorded with another content. `now` is UTC."""
    locked = _locked(invoice.pk)
    known = InvoicePayment.objects.filter(key=paid.key).first()
    if known is not None:
        if (known.invoice_id, known.amount, known.paid_on) != (locked.pk, paid.amount, paid.paid_on):
            raise Conflict("other_payment", _("Another payment was recorded under this id."), field="key")
        return known
    if errors := _faults(locked, paid, now):
        raise Invalid(errors)
    payment = InvoicePayment.objects.create(
        invoice=locked, key=paid.key, amount=paid.amount, paid_on=paid.paid_on, recorded_at=now
    )
    _settle(locked)
    _note(payment, InvoiceAct.PAYMENT_RECORDED, by=by, now=now)
    return payment


@needs(rights.RECORD_PAYMENT)
@transaction.atomic
def cancel_payment(*, payment: InvoicePayment, why: str, by: Actor, now: datetime) -> InvoicePayment:
    """The payment counts for nothing any more; once more it does nothing. Raises `Invalid` on `why`. `now` is UTC."""
    invoice = _locked(payment.invoice_id)
    found = InvoicePayment.objects.get(pk=payment.pk)
    if found.cancelled != Cancelled.NO:
        return found
    if why not in WHYS:
        raise Invalid({"why": [_("Choose why the payment does not count.")]})
    found.cancelled = Cancelled(why)
    found.save(update_fields=["cancelled"])
    _settle(invoice)
    _note(found, InvoiceAct.PAYMENT_CANCELLED, by=by, now=now)
    return found


def settled_on(invoice: Invoice) -> date | None:
    """The day on which the payments that count came to the whole; None while they do not. Nothing is to be paid of an
    invoice that comes to nothing, or takes back what another one asked for."""
    left = due.whole(invoice)
    if left <= NOTHING:
        return invoice.issued_on
    for one in invoice.payments.filter(cancelled=Cancelled.NO).order_by("paid_on", "pk"):
        left -= one.amount
        if left <= NOTHING:
            return one.paid_on
    return None


def _locked(key: int) -> Invoice:
    return Invoice.objects.select_for_update(of=("self",)).select_related("customer").get(pk=key)


def _settle(invoice: Invoice) -> None:
    invoice.settled_on = settled_on(invoice)
    invoice.save(update_fields=["settled_on"])


def _faults(invoice: Invoice, paid: Paid, now: datetime) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not paid.key or len(paid.key) > LONGEST_KEY:
        errors["key"] = [_("Give the payment an id of at most %(most)d characters.") % {"most": LONGEST_KEY}]
    if not paid.amount.is_finite() or not NOTHING < paid.amount <= MOST or rounded(paid.amount) != paid.amount:
        errors["amount"] = [_("Enter an amount of more than nothing, with two digits after the point at most.")]
    if paid.currency != invoice.currency:
        errors["currency"] = [_("This invoice is in %(currency)s.") % {"currency": invoice.currency}]
    if paid.paid_on > due.today_of(invoice.customer, now):
        errors["paid_on"] = [_("This day is still to come. Enter the day on which the money reached us.")]
    elif paid.paid_on < invoice.issued_on - BEFORE_THE_INVOICE:
        told = {"day": date_format(invoice.issued_on, "j F Y")}
        errors["paid_on"] = [_("The invoice is of %(day)s, more than a year later. Enter another day.") % told]
    return errors


def _note(payment: InvoicePayment, kind: InvoiceAct, *, by: Actor, now: datetime) -> None:
    InvoiceEvent.objects.create(
        invoice_id=payment.invoice_id,
        payment=payment,
        at=now,
        kind=kind,
        actor_kind=by.kind,
        actor_id=by.id,
        channel=by.channel,
        proof=by.proof,
        request_id=by.request_id,
    )
