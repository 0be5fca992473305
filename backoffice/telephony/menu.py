"""The voice menu of our public number: is somebody of you calling me about my case?

Whoever rings presses 1, keys in the reference of a case and hears whether one of us is on the telephone about it now.
It vouches for nothing else, and for nobody whose call has not been heard of for 15 s. Known and unknown references are
answered alike. It fails closed: where a step does not come about, the line ends without any answer (trust.md, "call
state"). Other digits lead to the branches (`menu_branches`); where none is open, the reference is asked for at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from backoffice.references import CASE_LENGTH, characters_of
from backoffice.telephony import menu_branches
from backoffice.telephony.menu_branches import CHECK_DIGIT
from backoffice.telephony.models import Call as TelephoneCall
from backoffice.telephony.models import CallState
from backoffice.trust.models import Direction
from backoffice.voice.contract import Answer, Arrived, Ask, Asked, Command, Event, HangUp, PromptOver, Refuse, Role, Say
from backoffice.voice.speech.words.language import Language
from backoffice.voice.speech.words.spelling import spelled

MOST_A_MINUTE = 60
"""Calls that are answered. More are somebody who guesses, or a fault: they are refused."""
SECONDS, TRIES = 30.0, 3
_KEYS = {
    letter: str(key)
    for key, letters in enumerate(("ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"), 2)
    for letter in letters
}
"""On which key of a telephone a letter is (ITU-T E.161)."""
_ON = (CallState.DIALLING, CallState.RINGING, CallState.ANSWERED, CallState.COMPANY_PROVEN, CallState.CUSTOMER_PROVEN)


_CHOOSE = _("This is %(company)s. To hear whether one of us is calling you now, press 1.")
_STOP = _("To stop, press star.")
_NOTHING_CHOSEN = _("We could not read a choice. You can call us again. Goodbye.")
_GREETING = _(
    "This is %(company)s. We tell you whether one of us is calling you now. Key in the %(characters)d characters of the"
    " reference of your case. For a letter, press the key that shows it. To stop, press star."
)
_CALLING = _(
    "Yes. One of us is on the telephone about the case %(reference)s now. Never say a password, a PIN or the digits of"
    " a card to anybody. Goodbye."
)
_NOBODY = _(
    "No. Nobody of us is calling about a case with this reference now. If somebody says that they are from us, hang up"
    " there, and call the number on your card. Goodbye."
)
_CANNOT_CHECK = _(
    "We cannot check that now. Do not talk to whoever is calling you: hang up there, and call the number on your card."
    " Goodbye."
)
_NOTHING_KEYED = _(
    "We could not read a reference. If you are not sure who is calling you, hang up there, and call the number on your"
    " card. Goodbye."
)


class Step(Enum):
    """Where a caller of the menu is; the value names it to the workers."""

    ARRIVED = "arrived"
    CHOSEN = "chosen"
    ASKED = "asked"
    SAID = "said"


class Found(Enum):
    """What we can say of a reference."""

    CALLING = auto()
    NOBODY = auto()
    CANNOT_CHECK = auto()


def step_of(event: Event) -> tuple[Step, str] | None:
    """What an event means for the menu, and the digits that were keyed in, "" without any; None if it is not of it."""
    match event.what:
        case Arrived():
            return Step.ARRIVED, ""
        case Asked(key=key, digits=digits):
            of = next((step for step in (Step.CHOSEN, Step.ASKED) if key == _key(event.conversation, step)), None)
            return (of, digits or "") if of else None
        case PromptOver(key=key) if key == _key(event.conversation, Step.SAID):
            return Step.SAID, ""
    return None


def next_commands(*, conversation: str, step: Step, digits: str, now: datetime) -> Sequence[Command]:
    """What the gateway is to do next. `now` is aware. The same step gives the same keys, so that it is done once."""
    if step is Step.SAID:
        return [HangUp(key=f"menu:{conversation}:hang_up", conversation=conversation)]
    if step is Step.ASKED:
        return [_say(_answer(digits, now), conversation)]
    if step is Step.CHOSEN:
        return _after_choice(conversation, digits, now)
    key = _key(conversation, step)
    if not _is_taken(now):
        return [Refuse(key=key, conversation=conversation)]
    first = _ask_what(conversation) if menu_branches.open_now() else _ask(conversation)
    return [Answer(key=key, conversation=conversation), first]


def keyed(reference: str) -> str:
    """A reference as it is keyed in on a telephone: each letter by the key that shows it."""
    return "".join(_KEYS.get(one, one) for one in characters_of(reference))


def find(digits: str, *, now: datetime) -> tuple[Found, str]:
    """Whether one of us is on the telephone about a case with these digits now (aware), and its reference. A call that
    somebody makes to us never counts."""
    on = TelephoneCall.objects.filter(direction=Direction.OUT, ended_at=None, dialled_at__isnull=False, state__in=_ON)
    calls = [call for call in on.exclude(case_reference="") if keyed(call.case_reference) == digits]
    heard = [call for call in calls if call.is_heard(now)]
    if heard:
        return Found.CALLING, heard[0].case_reference
    return (Found.CANNOT_CHECK, "") if calls else (Found.NOBODY, "")


def _say(text: str, conversation: str) -> Say:
    key = _key(conversation, Step.SAID)
    return Say(key=key, conversation=conversation, role=Role.CUSTOMER, text=text, language=language())


def _ask_what(conversation: str) -> Ask:
    """The choice between the check and the branches that are open."""
    branches = menu_branches.open_now()
    told = (_CHOOSE % {"company": settings.COMPANY_NAME}, *(str(one.offer) for one in branches), str(_STOP))
    return Ask(
        key=_key(conversation, Step.CHOSEN),
        conversation=conversation,
        text=" ".join(told),
        language=Language.of(settings.LANGUAGE_CODE),
        choices=(CHECK_DIGIT, *(one.digit for one in branches)),
        seconds=SECONDS,
        tries=TRIES,
    )


def _after_choice(conversation: str, digits: str, now: datetime) -> Sequence[Command]:
    if digits == CHECK_DIGIT:
        return [_ask(conversation)]
    branch = menu_branches.behind(digits)
    if branch is None:
        return [_say(str(_NOTHING_CHOSEN), conversation)]
    branch.begin(conversation, now)
    return branch.proceed(conversation, now)


def _ask(conversation: str) -> Ask:
    return Ask(
        key=_key(conversation, Step.ASKED),
        conversation=conversation,
        text=greeting(),
        language=language(),
        least=CASE_LENGTH,
        most=CASE_LENGTH,
        seconds=SECONDS,
        tries=TRIES,
    )


def _answer(digits: str, now: datetime) -> str:
    return words_of(*find(digits, now=now)) if digits else str(_NOTHING_KEYED)


def words_of(found: Found, reference: str) -> str:
    """What is read out of a case, in the language of the menu."""
    if found is Found.CALLING:
        return _CALLING % {"reference": spelled(reference, language())}
    return str(_CANNOT_CHECK if found is Found.CANNOT_CHECK else _NOBODY)


def language() -> Language:
    """In which the menu speaks."""
    return Language.of(settings.LANGUAGE_CODE)


def greeting() -> str:
    """What whoever rings hears first."""
    return _GREETING % {"company": settings.COMPANY_NAME, "characters": CASE_LENGTH}


def _is_taken(now: datetime) -> bool:
    """Whether this minute has room for one more."""
    minute = f"voice_menu:{int(now.timestamp()) // 60}"
    cache.add(minute, 0, timeout=120)
    return int(cache.incr(minute)) <= MOST_A_MINUTE


def _key(conversation: str, step: Step) -> str:
    return f"menu:{conversation}:{step.value}"
