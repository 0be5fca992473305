"""What the issuer reports of a letter with a card: twice, late or out of order, it counts once and never backwards."""

from __future__ import annotations

from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cards.models import Card, CardReissue, IssuerNotice, Shipping
from backoffice.cards.ports import IssuerEvent
from backoffice.cards.reissue.rights import REPORT_LETTER
from backoffice.cases import timeline
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.staff.rights import needs
from backoffice.statements import Select, insert_new, update
from workflows.card_reissue.facts import OfPosting
from workflows.card_reissue.spec import CARD_DELIVERED, CARD_LOST, CARD_RETURNED, CARD_SHIPPED

REPORTED = {
    Shipping.SHIPPED: CARD_SHIPPED,
    Shipping.DELIVERED: CARD_DELIVERED,
    Shipping.RETURNED: CARD_RETURNED,
    Shipping.LOST: CARD_LOST,
}


_LOCKED = Select(lambda token: Card.objects.filter(issuer_token=token).select_for_update(), "a token")
_NEWEST_OTHER = Select(
    lambda card, event: (
        IssuerNotice.objects.filter(card=card).exclude(event_id=event).order_by("-sequence_at", "-sequence_step")[:1]
    ),
    -1,
    "an event",
)
_LIVE = Select(lambda card: CardReissue.objects.filter(new_card=card, live=True), -1)


@needs(REPORT_LETTER)
def issuer_reported(event: IssuerEvent, *, by: Actor) -> bool:
    """Takes an event of the issuer; False when it has no effect: known, outdated, not about a card of a case, or not
    about a letter that moves, which is most of them, and costs no look at our rows.

    A card that we do not know *yet* (the webhook overtook our own order) raises `UnknownCard`, and the issuer is asked
    to send the event again.
    """
    if event.shipping not in REPORTED:
        return False
    with unit_of_work():
        card = _LOCKED.first(event.token)
        if card is None:
            raise UnknownCard(event.token)
        if not _is_news(card, event) or card.shipping == event.shipping:
            return False
        return _follow(card, Shipping(event.shipping), by=by)


class UnknownCard(Exception):
    """We have no card with this token of the issuer."""


def _is_news(card: Card, event: IssuerEvent) -> bool:
    """Keeps the event; False for one that was kept before, or that is older than another of this card."""
    at, step = event.sequence
    notice = IssuerNotice(
        event_id=event.id, card=card, at=timezone.now(), sequence_at=at, sequence_step=step, shipping=event.shipping
    )
    if not insert_new(notice, unique="event_id"):
        return False
    newest = _NEWEST_OTHER.first(card.pk, event.id)
    return newest is None or (newest.sequence_at, newest.sequence_step) < event.sequence


def _follow(card: Card, shipping: Shipping, *, by: Actor) -> bool:
    card.shipping = shipping
    update(card, ("shipping",))
    reissue = _LIVE.first(card.pk)
    if reissue is None:
        return False
    with changing(reissue.case_id) as case:
        timeline.note(case, f"card.{shipping.value}", by=by, data={"last_four": card.last_four})
        signal(case, REPORTED[shipping], OfPosting(posting=reissue.postings))
    return True
