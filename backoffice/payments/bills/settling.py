"""A page on which somebody has paid: its case opens, once, whoever says so first. The provider's webhook says it, and a
look at the page does."""

from __future__ import annotations

import uuid
from datetime import datetime

import structlog
from django.db import transaction

from backoffice.actors import Actor, system
from backoffice.cases import alarms
from backoffice.cases.opening import open_case
from backoffice.payments.bills import disputes, returning, rights
from backoffice.payments.bills.models import CAME, KEY, BillPage, PageState
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.staff.rights import needs
from workflows.bill_payment.spec import BILL_PAYMENT

log = structlog.get_logger(__name__)


@needs(rights.SETTLE_BILL_PAGE)
@transaction.atomic
def settle(*, page_id: uuid.UUID, payment: str, by: Actor, now: datetime) -> bool:
    """Opens the case of a page on which the money came; whether this was news. A page that we had ended counts too,
    because the money is there. `payment` is the provider's id of it, `now` aware UTC."""
    page = BillPage.objects.select_for_update(of=("self",)).select_related("customer").get(pk=page_id)
    if page.state in CAME:
        return False
    case, _new = open_case(
        process=BILL_PAYMENT.name,
        customer=page.customer,
        by=system(),
        key=page.key,
        content={"page": str(page.pk)},
        now=now,
    )
    page.state, page.payment, page.case, page.paid_at = PageState.PAID, payment, case, now
    page.save(update_fields=["state", "payment", "case", "paid_at"])
    log.info("bill paid on its page", page=str(page.pk), case=case.reference, by=by.kind.value)
    return True


def reported(event: ProviderEvent, by: Actor, now: datetime) -> bool:
    """Takes what the provider reports of these payments (`provider.taking`). A disputed one is for a person; where the
    bank takes the money, the bill is to be paid again (`disputes`). A refund that failed is followed (`returning`)."""
    page = _page_of(event)
    if page is None:
        return False
    if event.kind is EventKind.CAPTURED:
        settle(page_id=page.pk, payment=event.payment, by=by, now=now)
    if event.kind is EventKind.DISPUTED and event.dispute is not None:
        told = {"fields": {"": [page.reference]}, "text": page.case.reference if page.case else ""}
        alarms.sound(process=BILL_PAYMENT.name, code="disputed", key=f"bill:{event.dispute.id}", told=told, now=now)
    if event.refund is not None:
        returning.reported(page, event.refund, now=now)
    if event.dispute is not None:
        disputes.reported(page, event, event.dispute, now=now)
    return True


def _page_of(event: ProviderEvent) -> BillPage | None:
    """By our key, or by the payment where the provider does not tell the key."""
    pages = BillPage.objects.select_related("case", "customer")
    if event.key.startswith(KEY):
        try:
            return pages.filter(pk=uuid.UUID(event.key.removeprefix(KEY))).first()
        except ValueError:
            return None
    return pages.filter(payment=event.payment).first() if not event.key and event.payment else None
