"""The effects of the card processes, by name. Calls of the issuer come first, with their key; the record follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from django.utils.translation import gettext_lazy as _

from backoffice.actors import system
from backoffice.cards import blocking, opening, ordering, posted_codes, risk  # noqa: F401 - `opening` registers itself
from backoffice.cards.models import Card
from backoffice.cards.ports import IssuedCard, IssuerRefusal, IssuerUnavailable, OrderRequest, Replacement, issuer
from backoffice.cases.effects import OutsideRefused, OutsideUnavailable, Record, effect, outside
from backoffice.cases.models import Case
from backoffice.cases.sentences import register
from backoffice.refusals import Conflict
from workflows.base.spec import Nothing
from workflows.card_reissue.facts import CodePosted, Risk, RiskAssessed

KEYS_LAST = timedelta(hours=20)
"""The issuer remembers a key for a day: later, ask first whether the card was ordered by an attempt without answer."""

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


@effect("card_reissue.assess_risk")
def assess_risk(*, case: Case, args: Nothing, now: datetime) -> RiskAssessed:
    return RiskAssessed(risk=Risk(risk.assessed(case, by=system(), now=now).level))


@effect("card_reissue.post_code")
def post_code(*, case: Case, args: Nothing, now: datetime) -> CodePosted:
    return CodePosted(until=posted_codes.post(case, by=system(), now=now))


@outside("card_reissue.block_card")
def block_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    _asked(issuer().block, ordering.reissue_of(case).card.issuer_token, key)
    return lambda case, now: blocking.blocked(case, by=system(), now=now)


@outside("card_reissue.unblock_card")
def unblock_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    _asked(issuer().unblock, ordering.reissue_of(case).card.issuer_token, key)
    return lambda case, now: blocking.unblocked(case, by=system(), now=now)


@outside("card_reissue.close_card")
def close_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    reissue = ordering.reissue_of(case)
    _asked(issuer().close, reissue.card.issuer_token, Replacement.of(reissue.reason), key)
    return lambda case, now: blocking.closed(case, by=system(), now=now)


@outside("card_reissue.order_card")
def order_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    reissue = ordering.reissue_of(case)
    try:
        request = ordering.order_request(case)
    except Conflict as missing:
        raise OutsideRefused(missing.code) from missing
    issued = _made_before(case, reissue.card, asked_at, now) or _asked(issuer().order, request, key)
    return lambda case, now: ordering.ordered(case, issued, by=system(), now=now)


@outside("card_reissue.reship_card")
def reship_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    return _shipped_again(case, ordering.order_request, key, asked_at, now)


@outside("card_reissue.send_to_branch")
def send_to_branch(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    record = _shipped_again(case, ordering.branch_request, key, asked_at, now)

    def at_the_branch(case: Case, now: datetime) -> None:
        record(case, now)

    return at_the_branch


def _made_before(case: Case, replaced: Card, asked_at: datetime, now: datetime) -> IssuedCard | None:
    """The card that an attempt without an answer has ordered, where the issuer may have forgotten the key since."""
    if now - asked_at <= KEYS_LAST:
        return None
    return _asked(issuer().ordered, replaced.issuer_token, str(case.id))


def _shipped_again(
    case: Case, request_of: Callable[[Case], OrderRequest], key: str, asked_at: datetime, now: datetime
) -> Record:
    new = ordering.reissue_of(case).new_card
    if new is None:
        raise OutsideRefused("no_new_card")
    try:
        request = request_of(case)
    except Conflict as missing:
        raise OutsideRefused(missing.code) from missing
    issued = _made_before(case, new, asked_at, now) or _asked(issuer().reship, new.issuer_token, request, key)
    return lambda case, now: ordering.reshipped(case, issued, by=system(), now=now)


@outside("card_reissue.activate_card")
def activate_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    new = ordering.reissue_of(case).new_card
    if new is None:
        raise OutsideRefused("no_new_card")
    _asked(issuer().activate, new.issuer_token, key)
    return lambda case, now: ordering.activated(case, by=system(), now=now)


@outside("card_reissue.cancel_new_card")
def cancel_new_card(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record:
    new = ordering.reissue_of(case).new_card
    if new is None:
        raise OutsideRefused("no_new_card")
    _asked(issuer().cancel_order, new.issuer_token, key)
    return lambda case, now: ordering.cancelled(case, by=system(), now=now)


register(
    "card.signalled", _("Fraud was signalled on the card ending %(last_four)s."), _("We saw a suspicious payment.")
)
register("card.signalled_again", _("Fraud was signalled again on the card ending %(last_four)s."))
register(
    "card.blocked",
    _("The issuer blocked the card ending %(last_four)s."),
    _("We blocked your card ending %(last_four)s."),
)
register(
    "card.unblocked",
    _("The issuer released the card ending %(last_four)s."),
    _("Your card ending %(last_four)s works again."),
)
register(
    "card.closed",
    _("The card ending %(last_four)s was closed."),
    _("Your old card ending %(last_four)s is closed for good."),
)
register("card.risk", _("Risk: %(risk)s (%(why)s)."))
register("card.ordered", _("The issuer makes a new card ending %(last_four)s."), _("Your new card is being made."))
register(
    "card.reshipped",
    _("Posted again (posting %(posting)s): card ending %(last_four)s."),
    _("We send you another card."),
)
register("card.shipped", _("The card ending %(last_four)s was shipped."), _("Your new card is in the post."))
register("card.delivered", _("The card ending %(last_four)s was delivered."), _("Your new card was delivered."))
register(
    "card.returned",
    _("The letter with the card ending %(last_four)s came back."),
    _("The letter with your card came back to us."),
)
register(
    "card.failure",
    _("The letter with the card ending %(last_four)s was lost."),
    _("The letter with your card was lost."),
)
register("card.activated", _("The card ending %(last_four)s was activated."), _("Your new card works."))
register("card.cancelled", _("The new card ending %(last_four)s was cancelled."), _("The new card was cancelled."))
register("card.code_not_posted", _("No code was sent by post: the postal address changed less than 30 days ago."))
register("card.code_posted", _("A code was sent by post."), _("We sent you a code by post."))
