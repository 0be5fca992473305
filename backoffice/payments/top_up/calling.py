"""A call about a top-up, as a branch of the voice menu: what each event leads to. The caller's place is kept in our
database, so any web process takes an event, and any worker has the gateway do what comes next.

No money moves here: at the end the process of the case is told that the customer agreed. Whoever hangs up before that
has changed nothing, and calls again with a new number.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import translation

from backoffice.actors import Actor, ActorKind, Channel, Level
from backoffice.cases import timeline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.money import Money
from backoffice.payments import charging
from backoffice.payments.cards_on_file import keeping
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.cards_on_file.records import usable
from backoffice.payments.provider.failures import decline_of
from backoffice.payments.provider.ports import Decline
from backoffice.payments.top_up import agreeing, asking, codes, limits, linking, reporting, saying, screening
from backoffice.payments.top_up.models import BRANCH, Farewell, Step, TopUp, TopUpCall
from backoffice.payments.top_up.rights import TELL_CALL
from backoffice.refusals import Refused
from backoffice.staff.rights import needs
from backoffice.telephony import menu_calls, waking
from backoffice.voice.contract import Asked, Captured, Command, Event, Left, Outcome, PromptOver, What
from backoffice.voice.speech.words.language import Language

KEYED_CODE = "keyed_code"
"""The proof of a customer who keyed in the number that the portal showed them."""
Locked = tuple[TopUpCall, Case | None]
_ENDS_AS: Mapping[Outcome, Farewell] = {
    Outcome.DECLINED: Farewell.CARD_NOT_TAKEN,
    Outcome.UNAVAILABLE: Farewell.NOT_NOW,
}
"""How a call ends after a capture that took nothing; after every other outcome the caller stopped it."""


def begin(conversation: str, now: datetime) -> None:
    """Takes over a caller who chose this branch. Nobody is let in while too many wrong numbers are keyed in."""
    told = {"began_at": now, "step_at": now, "heard_at": now}
    call = TopUpCall(conversation=conversation, **told)
    if codes.too_many_wrong(now):
        call.step, call.farewell, call.says = Step.TOLD, Farewell.NOT_NOW, saying.farewell(Farewell.NOT_NOW)
    else:
        call.says = saying.code(wrong=False)
    TopUpCall.objects.bulk_create([call], ignore_conflicts=True)


@needs(TELL_CALL)
def take(event: Event, *, by: Actor, now: datetime) -> bool:
    """Takes an event of the gateway in, once and in the order of their numbers. Whether the conversation is of this
    branch. Times are aware."""
    found = TopUpCall.objects.filter(conversation=event.conversation).values_list("pk", "step", "top_up_id").first()
    if found is None:
        return False
    key, step, known = found
    case_id = codes.find(event.what.digits or "") if step == Step.CODE and isinstance(event.what, Asked) else known
    with _locked(key, case_id) as (call, case):
        if call.ended_at is None and event.number > call.last_event:
            call.last_event, call.heard_at = event.number, now
            _take(call, case, event.what, now)
            call.save()
    return True


def take_event(event: Event, by: Actor, now: datetime) -> bool:
    """As `telephony.menu_branches` hears it."""
    return take(event, by=by, now=now)


def proceed(conversation: str, now: datetime) -> Sequence[Command]:
    """What the gateway is to do now. A card that was keyed in is kept first, which asks the payment provider."""
    call = TopUpCall.objects.select_related("top_up__case__customer").filter(conversation=conversation).first()
    if call is None or call.ended_at is not None:
        return []
    if call.step == Step.KEEPING:
        _keep(call, now)
        return []
    command = asking.command(call)
    return [command] if command else []


def ends(call: TopUpCall, farewell: Farewell, now: datetime) -> None:
    """The caller is told how it ended, and hung up. Within a transaction that saves the call."""
    with translation.override(asking.language_of(call)):
        _go(call, Step.TOLD, saying.farewell(farewell), now)
    call.farewell = farewell


def is_over(call: TopUpCall, case: Case | None, now: datetime) -> None:
    """Nobody is on the line any more. Within a transaction that saves the call."""
    if case is not None and not call.farewell and call.step != Step.BANK:
        timeline.note(case, "top_up.line_dropped", by=of_caller(case), at=now)
    call.step, call.ended_at, call.new_card, call.says = Step.OVER, now, "", ""


def of_caller(case: Case) -> Actor:
    """The customer, who keyed in the number of the portal."""
    return Actor(
        kind=ActorKind.CUSTOMER,
        id=str(case.customer.public_id),
        channel=Channel.TELEPHONE,
        level=Level.SIGNED_IN,
        proof=KEYED_CODE,
    )


@contextmanager
def locked(call: TopUpCall) -> Iterator[Locked]:
    """The call and its case, locked, the case first. The caller saves the call."""
    with _locked(call.pk, call.top_up_id) as found:
        yield found


@contextmanager
def _locked(key: uuid.UUID, case_id: uuid.UUID | None) -> Iterator[Locked]:
    with ExitStack() as stack:
        case = stack.enter_context(changing(case_id)) if case_id else None
        stack.enter_context(unit_of_work())
        call = TopUpCall.objects.select_for_update(of=("self",)).select_related("top_up__case__customer").get(pk=key)
        yield call, case


def _take(call: TopUpCall, case: Case | None, what: What, now: datetime) -> None:
    match what:
        case Left():
            is_over(call, case, now)
        case Asked(key=key) | Captured(key=key) if key == call.key:
            with translation.override(asking.language_of(call)):
                _answered(call, case, what, now)
        case PromptOver(key=key) if key == call.key and call.step == Step.TOLD:
            _go(call, Step.LEAVING, "", now)


def _answered(call: TopUpCall, case: Case | None, what: Asked | Captured, now: datetime) -> None:
    step = Step(call.step)
    if step is Step.CODE and isinstance(what, Asked):
        _code(call, case, what.digits, now)
    elif case is None or case.state != CaseState.OPEN:
        ends(call, Farewell.NOT_NOW, now)
    elif isinstance(what, Captured):
        _captured(call, case, what, now)
    elif what.digits is None:
        ends(call, Farewell.STOPPED, now)
    elif answer := _ANSWERS.get(step):
        answer(call, case, what.digits, now)


def _code(call: TopUpCall, case: Case | None, number: str | None, now: datetime) -> None:
    """Whatever is wrong with a number, it is answered alike."""
    if number is None or codes.too_many_wrong(now):
        ends(call, Farewell.STOPPED if number is None else Farewell.NOT_NOW, now)
    elif case is not None and codes.is_right(case, number, now=now):
        _let_in(call, case, now)
    else:
        codes.note_wrong(now)
        call.wrong += 1
        if call.wrong >= codes.TRIES:
            ends(call, Farewell.WRONG_CODE, now)
        else:
            _go(call, Step.CODE, saying.code(wrong=True), now)


def _let_in(call: TopUpCall, case: Case, now: datetime) -> None:
    """A call about the same top-up that is still open here has dropped: this caller has a newer number."""
    for older in TopUpCall.objects.select_for_update().filter(top_up_id=case.id, ended_at=None):
        is_over(older, case, now)
        older.save()
    TopUp.objects.filter(case=case).update(line="", code_until=None)
    call.top_up, call.wrong = TopUp.objects.select_related("case__customer").get(case=case), 0
    menu_calls.say_about(
        conversation=call.conversation, customer=case.customer, case_id=case.id, case_reference=case.reference
    )
    timeline.note(case, "top_up.caller_proven", by=of_caller(case), at=now)
    with translation.override(asking.language_of(call)):
        _ask_amount(call, now)


def _ask_amount(call: TopUpCall, now: datetime, *, wrong: tuple[limits.Beyond, Money] | None = None) -> None:
    asked = saying.amount(_top_up(call).currency, _language(call), wrong=wrong)
    _go(call, Step.AMOUNT, asked, now)


def _amount(call: TopUpCall, case: Case, digits: str, now: datetime) -> None:
    amount = limits.of_units(int(digits), _top_up(call).currency)
    wrong = limits.beyond(case.customer, amount, now=now)
    if wrong is not None:
        call.wrong += 1
        if call.wrong >= asking.TRIES:
            ends(call, Farewell.STOPPED, now)
        else:
            _ask_amount(call, now, wrong=wrong)
        return
    call.amount, call.wrong = amount.minor, 0
    if not _may_go_on(call, case, now):
        return
    cards = list(usable(case.customer, now=now)[: asking.MOST_OFFERED])
    call.offered = [one.pk for one in cards]
    if cards:
        _go(call, Step.CARD, saying.card(cards, _language(call)), now)
    elif _may_go_on(call, case, now, keys_in=True):
        _go(call, Step.NEW_CARD, "", now)


def _card(call: TopUpCall, case: Case, digit: str, now: datetime) -> None:
    if digit == saying.ANOTHER_CARD:
        if _may_go_on(call, case, now, keys_in=True):
            _go(call, Step.NEW_CARD, "", now)
        return
    card = usable(case.customer, now=now).filter(pk=call.offered[int(digit) - 1]).first()
    if card is None:
        ends(call, Farewell.CARD_NOT_TAKEN, now)
    elif _may_go_on(call, case, now, card=card):
        _read_out(call, card, now)


def _may_go_on(
    call: TopUpCall, case: Case, now: datetime, *, card: CardOnFile | None = None, keys_in: bool = False
) -> bool:
    """Whether the risk rules let it through; else the caller hears that, and is hung up."""
    held_up = screening.held_up(call, case, card=card, keys_in=keys_in, by=of_caller(case), now=now)
    if held_up is not None:
        ends(call, held_up, now)
    return held_up is None


def _captured(call: TopUpCall, case: Case, what: Captured, now: datetime) -> None:
    if what.outcome is Outcome.DECLINED and (why := decline_of(what.code)) in charging.REPORTED:
        reporting.note(case, why, by=of_caller(case), now=now)
    if what.outcome is not Outcome.DONE:
        ends(call, _ENDS_AS.get(what.outcome, Farewell.STOPPED), now)
    elif call.step == Step.NEW_CARD:
        call.new_card, call.new_last_four = what.token, what.last_four
        _go(call, Step.CONSENT, saying.consent(what.last_four, _language(call)), now)
    elif call.step == Step.SECURITY_CODE:
        _agreed(call, case, what.token, now)


def _consent(call: TopUpCall, case: Case, digit: str, now: datetime) -> None:
    _go(call, Step.KEEPING, "", now)


def _agreeing(call: TopUpCall, case: Case, digit: str, now: datetime) -> None:
    """A card that was keyed in whole in this call has had its security code."""
    call.agreed_at = now
    if call.is_keyed_in_whole:
        _agreed(call, case, "", now)
    else:
        _go(call, Step.SECURITY_CODE, "", now)


def _agreed(call: TopUpCall, case: Case, token: str, now: datetime) -> None:
    if not_possible := agreeing.agree(call, case, token=token, by=of_caller(case), now=now):
        ends(call, not_possible, now)
    else:
        _go(call, Step.BANK, "", now)


def _read_out(call: TopUpCall, card: CardOnFile, now: datetime) -> None:
    top_up, language = _top_up(call), _language(call)
    amount = Money(call.amount or 0, top_up.currency)
    call.card, call.read_at = card, now
    call.sha256 = linking.digest(case_id=top_up.case_id, amount=amount, card=card)
    call.text = saying.reading(amount, card, language)
    _go(call, Step.AGREEING, call.text, now)


def _keep(call: TopUpCall, now: datetime) -> None:
    """Once the provider has answered, the call goes on, unless its caller has left meanwhile."""
    case = _top_up(call).case
    card, ended, reported = None, Farewell.NOT_NOW, ""
    try:
        card = keeping.keep(customer=case.customer, token=call.new_card, by=of_caller(case), now=now)
    except keeping.CardNotTaken as refused:
        ended, reported = Farewell.CARD_NOT_TAKEN, refused.code if refused.code in charging.REPORTED else ""
    except Refused:
        ended = Farewell.NOT_NOW
    with locked(call) as (fresh, at_case):
        if fresh.step != Step.KEEPING or at_case is None:
            return
        fresh.new_card = ""
        if reported:
            reporting.note(at_case, Decline(reported), by=of_caller(at_case), now=now)
        if card is None:
            ends(fresh, ended, now)
        else:
            timeline.note(at_case, "top_up.card_kept", by=of_caller(at_case), at=now)
            with translation.override(asking.language_of(fresh)):
                if _may_go_on(fresh, at_case, now, card=card):
                    _read_out(fresh, card, now)
        fresh.save()


def _go(call: TopUpCall, step: Step, says: str, now: datetime) -> None:
    """The next step, under a new key; the workers are told after the transaction."""
    call.step, call.says, call.step_at = step, says, now
    call.asked += 1
    transaction.on_commit(partial(waking.proceed_in_branch, BRANCH, call.conversation))


def _top_up(call: TopUpCall) -> TopUp:
    if call.top_up is None:
        raise ValueError("nobody knows yet who calls")
    return call.top_up


def _language(call: TopUpCall) -> Language:
    return Language.of(asking.language_of(call))


_ANSWERS: Mapping[Step, Callable[[TopUpCall, Case, str, datetime], None]] = {
    Step.AMOUNT: _amount,
    Step.CARD: _card,
    Step.CONSENT: _consent,
    Step.AGREEING: _agreeing,
}
