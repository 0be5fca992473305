"""Opens a page of the payment provider on which anybody pays a bill that they have before them.

Its reference and its amount together find a bill; whoever has only one of them learns nothing. What is unknown, has
another amount, or is paid already gets one answer, after one time (`trust.md`, threat 15). Nothing of the customer is
shown before or after, and the card's digits are typed on the provider's page, never on ours.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.customers import bills
from backoffice.money import Money
from backoffice.payments.bills import rights
from backoffice.payments.bills.models import BillPage, PageState
from backoffice.payments.provider.ports import Bill, PaymentProvider, ProviderFailed, ProviderRefused, Refusal, provider
from backoffice.refusals import NotFound, Refused
from backoffice.staff.rights import needs
from backoffice.text import kept
from backoffice.trust.limits import Limit, allowed
from backoffice.trust.padding import pad

log = structlog.get_logger(__name__)
PER_ADDRESS = Limit("pay-page-address", times=20, per=timedelta(minutes=10))
PER_REFERENCE = Limit("pay-page-reference", times=10, per=timedelta(hours=1))
"""Counted for known and unknown references alike, so that nobody can try amounts from many addresses."""
IN_ALL = Limit("pay-page", times=1200, per=timedelta(minutes=10))
PADDED_TO = timedelta(milliseconds=250)
LIVES = timedelta(hours=1)
LONGEST_REFERENCE = 64


class TooOften(Refused):
    """More tries than an address, a reference or all together may make."""

    status = 429


class CannotPayNow(Refused):
    """No payments are taken here, or the provider does not answer."""

    status = 503


@needs(rights.PAY_BILL)
def open_page(*, reference: str, amount: Money, network: str, by: Actor, now: datetime) -> BillPage:
    """The page for the bill of this reference of which exactly this amount is still to be paid. `network` is that of
    the request, for the limits; `now` is aware UTC.

    Raises `NotFound` for whatever cannot be paid so, always with the same words and after `PADDED_TO` or a multiple of
    it, `TooOften`, `CannotCount`, and `CannotPayNow` where nothing was opened.
    """
    began = time.monotonic()
    asked = provider()
    if asked is None:
        raise CannotPayNow("no_provider", _("No bills can be paid by card here."))
    _check_limits(reference, network, now)
    kind, bill = _found(reference)
    if kind is None or bill is None or not amount or bill.to_pay != amount:
        pad(began, to=PADDED_TO)
        raise NotFound("no_such_bill", _no_such_bill())
    page = BillPage.objects.create(
        kind=kind.name,
        bill=bill.key,
        reference=bill.reference,
        customer=bill.customer,
        amount=amount.minor,
        currency=amount.currency,
        opened_at=now,
        looked_at=now,
        ends_at=now + LIVES,
    )
    return _opened(page, asked)


def _check_limits(reference: str, network: str, now: datetime) -> None:
    named = kept(reference).upper()
    within = allowed(PER_ADDRESS, network, now=now) and allowed(IN_ALL, "", now=now)
    if not (within and allowed(PER_REFERENCE, named, now=now)):
        raise TooOften("too_often", _("This was tried too often. Try again in an hour, or pay by transfer."))


def _found(reference: str) -> tuple[bills.BillKind | None, bills.Bill | None]:
    """Every kind is asked, whatever the first ones say."""
    found = [(kind, kind.find(reference[:LONGEST_REFERENCE])) for kind in bills.all_kinds()]
    named = [(kind, bill) for kind, bill in found if bill is not None]
    return named[0] if len(named) == 1 else (None, None)


def _opened(page: BillPage, asked: PaymentProvider) -> BillPage:
    """Where the answer is lost, nobody has the address of the provider's page, so nobody can pay there."""
    there = f"{settings.PUBLIC_URL}{reverse('pay_yours')}"
    told = Bill(page.amount, page.currency, page.reference, paid_url=there, back_url=there, ends_at=page.ends_at)
    try:
        hosted = asked.open_page(told, key=page.key)
    except ProviderFailed as failed:
        log.warning("page for a bill not opened", page=str(page.pk), why=failed.reason)
        page.state = PageState.ENDED
        page.save(update_fields=["state"])
        if isinstance(failed, ProviderRefused) and failed.because is Refusal.AMOUNT:
            raise CannotPayNow("amount", _("This amount cannot be paid by card. Pay it by transfer.")) from None
        raise CannotPayNow("away", _("We cannot take cards just now. Nothing was paid. Try again later.")) from None
    page.provider_page = hosted.id
    page.save(update_fields=["provider_page"])
    return page


def _no_such_bill() -> str:
    return _(
        "We find no open bill with this number and this amount. Look again at both, and type what is still to be "
        "paid. It may also be paid already: whoever got the bill can see that."
    )
