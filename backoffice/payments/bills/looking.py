"""Looks at the provider's pages: whether somebody has paid, and whether the bill is still to be paid. What was paid is
settled, and a page that is not needed any more is closed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from backoffice.actors import Actor
from backoffice.customers import bills
from backoffice.payments.bills import rights, settling
from backoffice.payments.bills.models import BillPage, PageState
from backoffice.payments.provider.ports import HostedPage, NotSent, PaymentProvider, ProviderFailed, provider
from backoffice.staff.rights import needs
from backoffice.trust.limits import CannotCount, Limit, allowed

log = structlog.get_logger(__name__)
EVERY = timedelta(minutes=5)
AT_ONCE = 50
"""So many pages are looked at in one run."""
FORGOTTEN_AFTER = timedelta(days=7)
PER_PAGE = Limit("pay-page-looks", times=60, per=timedelta(minutes=10))


@dataclass(frozen=True)
class Seen:
    """`address` is that of the provider's page, for whoever pays and nobody else; empty where nobody can pay there
    (any more), or the provider does not answer."""

    page: BillPage
    address: str = field(default="", repr=False)


@needs(rights.PAY_BILL)
def look(*, page_id: uuid.UUID, by: Actor, now: datetime) -> Seen | None:
    """The page as it is now; None where it was forgotten. `now` is aware UTC."""
    page = BillPage.objects.filter(pk=page_id).first()
    asked = provider()
    if page is None or page.state != PageState.OPEN or asked is None:
        return Seen(page) if page else None
    try:
        if not allowed(PER_PAGE, str(page.pk), now=now):
            return Seen(page)
        address = _look(page, asked, by=by, now=now)
    except (CannotCount, ProviderFailed) as away:
        log.warning("page for a bill not looked at", page=str(page.pk), why=type(away).__name__)
        return Seen(page)
    page.refresh_from_db()
    return Seen(page, address)


@needs(rights.PAY_BILL)
def stop(*, page_id: uuid.UUID, by: Actor, now: datetime) -> Seen | None:
    """Ends the page at the wish of who pays. Where they have paid meanwhile, it stays paid. Raises `ProviderFailed`
    while nobody knows; then it can still be paid."""
    page = BillPage.objects.filter(pk=page_id).first()
    asked = provider()
    if page is not None and page.state == PageState.OPEN and asked is not None:
        _close(page, asked, by=by, now=now)
        page.refresh_from_db()
    return Seen(page) if page else None


@needs(rights.SEE_TO_BILL_PAGES)
def see_to_pages(*, by: Actor, now: datetime) -> int:
    """Looks at the open pages at which nobody has looked for `EVERY`, and at those whose time is over; gives how many.
    So a payment is found whose webhook was lost, and a bill that was paid in another way is not paid twice."""
    asked = provider()
    if asked is None:
        return 0
    due = Q(looked_at__lt=now - EVERY) | Q(ends_at__lt=now, looked_at__lt=now - EVERY / 5)
    pages = list(BillPage.objects.filter(due, state=PageState.OPEN).order_by("looked_at")[:AT_ONCE])
    for page in pages:
        try:
            _look(page, asked, by=by, now=now)
        except ProviderFailed as failed:
            log.warning("page for a bill not looked at", page=str(page.pk), why=failed.reason)
            if isinstance(failed, NotSent):
                break
        BillPage.objects.filter(pk=page.pk).update(looked_at=now)
    return len(pages)


@needs(rights.SEE_TO_BILL_PAGES)
def forget(*, by: Actor, now: datetime) -> int:
    """Deletes the pages that ended without a payment more than `FORGOTTEN_AFTER` ago; gives how many."""
    deleted, _of_each = BillPage.objects.filter(state=PageState.ENDED, ends_at__lt=now - FORGOTTEN_AFTER).delete()
    return deleted


def _look(page: BillPage, asked: PaymentProvider, *, by: Actor, now: datetime) -> str:
    """Gives the address where the page can still be paid. One whose opening was never answered cannot: nobody has its
    address."""
    if not page.provider_page:
        _end(page)
        return ""
    hosted = asked.look_at_page(page.provider_page)
    if hosted.url and not _is_due(page):
        return _close(page, asked, by=by, now=now)
    return _take(page, hosted, by=by, now=now)


def _close(page: BillPage, asked: PaymentProvider, *, by: Actor, now: datetime) -> str:
    if not page.provider_page:
        _end(page)
        return ""
    return _take(page, asked.close_page(page.provider_page, key=f"{page.key}:close"), by=by, now=now)


def _take(page: BillPage, hosted: HostedPage, *, by: Actor, now: datetime) -> str:
    if hosted.is_paid:
        settling.settle(page_id=page.pk, payment=hosted.payment, by=by, now=now)
    elif not hosted.url:
        _end(page)
    return hosted.url


def _end(page: BillPage) -> None:
    """Unless somebody has paid meanwhile."""
    BillPage.objects.filter(pk=page.pk, state=PageState.OPEN).update(state=PageState.ENDED)


def _is_due(page: BillPage) -> bool:
    """Whether exactly this is still to be paid of the bill."""
    bill = bills.kind_of(page.kind).look(page.bill)
    return bill is not None and bill.to_pay == page.sum
