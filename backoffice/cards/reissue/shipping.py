"""What the issuer reports of a letter with a card: twice, late or out of order, it counts once and never backwards."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cards.models import Card, CardReissue, IssuerNotice, Shipping
from backoffice.cards.ports import IssuerEvent
from backoffice.cases import timeline
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.statements import insert_new, update
from workflows.card_reissue.facts import OfPosting
from workflows.card_reissue.spec import CARD_DELIVERED, CARD_LOST, CARD_RETURNED, CARD_SHIPPED

REPORTED = {
    Shipping.SHIPPED: CARD_SHIPPED,
    Shipping.DELIVERED: CARD_DELIVERED,
    Shipping.RETURNED: CARD_RETURNED,
    Shipping.LOST: CARD_LOST,
}


def issuer_reported(event: IssuerEvent, *, by: Actor) -> bool:
    """Takes an event of the issuer; False when it has no effect: known, outdated, or not about a card of a case.

    A card that we do not know *yet* (the webhook overtook our own order) raises `UnknownCard`, and the issuer is asked
    to send the event again.
    """
    with unit_of_work():
        card = Card.objects.select_for_update().filter(issuer_token=event.token).first()
        if card is None:
            raise UnknownCard(event.token)
        if not _is_news(card, event) or card.shipping == event.shipping or event.shipping not in REPORTED:
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
    later = Q(sequence_at__gt=at) | Q(sequence_at=at, sequence_step__gte=step)
    return not IssuerNotice.objects.filter(later, card=card).exclude(event_id=event.id).exists()


def _follow(card: Card, shipping: Shipping, *, by: Actor) -> bool:
    card.shipping = shipping
    update(card, ("shipping",))
    reissue = CardReissue.objects.filter(new_card=card, live=True).first()
    if reissue is None:
        return False
    with changing(reissue.case_id) as case:
        timeline.note(case, f"card.{shipping.value}", by=by, data={"last_four": card.last_four})
        signal(case, REPORTED[shipping], OfPosting(posting=reissue.postings))
    return True
