"""The effects of a card reissue on our records, and its calls of the issuer, as its spec declares them. First the call
is made, with its key; then its answer is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from backoffice.actors import system
from backoffice.cards.models import Card, CardReissue, CardState
from backoffice.cards.ports import IssuedCard, IssuerRefusal, IssuerUnavailable, OrderRequest, Replacement, issuer
from backoffice.cards.reissue import blocking, ordering, posted_codes, risk
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.refusals import Conflict
from workflows.base.spec import Nothing
from workflows.card_reissue.facts import CodePosted, LetterExpected, RiskAssessed

KEYS_LAST = timedelta(hours=20)
"""The issuer remembers a key for a day. After that, first ask whether an attempt without an answer has ordered the
card. The calls for which this holds are bound with `begins_first`."""

P = ParamSpec("P")
T = TypeVar("T")


def _asked(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Puts the issuer's two kinds of failure into the engine's words."""
    try:
        return call(*args, **kwargs)
    except IssuerRefusal as refusal:
        raise OutsideRefused(refusal.code) from refusal
    except IssuerUnavailable as unavailable:
        raise OutsideUnavailable(unavailable.reason) from unavailable


def assess_risk(*, case: Case, args: Nothing, now: datetime) -> RiskAssessed:
    return RiskAssessed(risk=risk.assessed(case, by=system(), now=now).level)


def post_code(*, case: Case, args: Nothing, now: datetime) -> CodePosted:
    return CodePosted(until=posted_codes.post(case, by=system(), now=now))


def _noted(record: Callable[..., object]) -> Record[Nothing]:
    """Records an answer from which the story learns nothing."""

    def write(case: Case, now: datetime) -> Nothing:
        record(case, by=system(), now=now)
        return Nothing()

    return write


def block_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    card = ordering.reissue_of(case).card
    _asked(issuer().block, card.issuer_token, key)
    for other in blocking.of_same_number(card):
        _asked(issuer().block, other.issuer_token, f"{key}:{other.pk}")
    return _noted(blocking.blocked)


def unblock_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """A card that others may have used, or that another case has blocked, stays blocked."""
    if blocking.why_not_release(case):
        return _noted(blocking.stays_blocked)
    _asked(issuer().unblock, ordering.reissue_of(case).card.issuer_token, key)
    return _noted(blocking.unblocked)


def close_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Where the order of the new card closed the old one, the issuer has said so, and is not asked again."""
    reissue = ordering.reissue_of(case)
    if reissue.card.state != CardState.CLOSED:
        _asked(issuer().close, reissue.card.issuer_token, Replacement.of(reissue.reason), key)
    for other in blocking.others_to_close(case):
        _asked(issuer().close, other.issuer_token, Replacement.of(reissue.reason), f"{key}:{other.pk}")
    return _noted(blocking.all_closed)


def order_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[LetterExpected]:
    reissue = _going_on(case)
    try:
        request = ordering.order_request(case)
    except Conflict as missing:
        raise OutsideRefused(missing.code) from missing
    issued = _made_before(case, reissue.card, asked_at, now) or _asked(issuer().order, request, key)
    return lambda case, now: ordering.ordered(case, issued, by=system(), now=now)


def reship_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[LetterExpected]:
    return _shipped_again(case, ordering.order_request, key, asked_at, now)


def send_to_branch(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    again = _shipped_again(case, ordering.branch_request, key, asked_at, now)
    return _noted(lambda case, by, now: again(case, now))


def _going_on(case: Case) -> CardReissue:
    """The particulars of a case that may still order and activate a card. Raises `OutsideRefused` where it gave way to
    another case, because its card was misused meanwhile."""
    reissue = ordering.reissue_of(case)
    if blocking.gave_way(reissue):
        raise OutsideRefused("gave_way")
    return reissue


def _made_before(case: Case, replaced: Card, asked_at: datetime, now: datetime) -> IssuedCard | None:
    """The card that an attempt without an answer has ordered, if the issuer may have forgotten the key by now."""
    if now - asked_at <= KEYS_LAST:
        return None
    return _asked(issuer().ordered, replaced.issuer_token, str(case.id))


def _shipped_again(
    case: Case, request_of: Callable[[Case], OrderRequest], key: str, asked_at: datetime, now: datetime
) -> Record[LetterExpected]:
    new = _going_on(case).new_card
    if new is None:
        raise OutsideRefused("no_new_card")
    try:
        request = request_of(case)
    except Conflict as missing:
        raise OutsideRefused(missing.code) from missing
    issued = _made_before(case, new, asked_at, now) or _asked(issuer().reship, new.issuer_token, request, key)
    return lambda case, now: ordering.reshipped(case, issued, by=system(), now=now)


def activate_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    new = _going_on(case).new_card
    if new is None:
        raise OutsideRefused("no_new_card")
    _asked(issuer().activate, new.issuer_token, key)
    return _noted(ordering.activated)


def cancel_new_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    new = ordering.reissue_of(case).new_card
    if new is None:
        raise OutsideRefused("no_new_card")
    _asked(issuer().cancel_order, new.issuer_token, key)
    return _noted(ordering.cancelled)
