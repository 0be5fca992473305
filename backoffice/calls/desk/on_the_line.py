"""What the agent sees of a telephone call of theirs, in or out: where it stands, what to say now, what the customer's
own page says at this moment, and what can be pressed."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.calls import revealing
from backoffice.calls.back import preparing
from backoffice.calls.back.models import CallBack
from backoffice.calls.back.records import needs_customer_proof, sheet_of
from backoffice.calls.desk import keys, scripts, sheets, tried
from backoffice.calls.desk.keys import StateKey
from backoffice.calls.desk.scripts import Told
from backoffice.calls.desk.sheets import Lines, Script, Sheet
from backoffice.cases.call_sheets import CallSheet
from backoffice.cases.models import WorkItem
from backoffice.refusals import NotFound
from backoffice.telephony import proving
from backoffice.telephony.live import state_of
from backoffice.telephony.live.states import FRESH_FOR
from backoffice.telephony.live.words import lines_of, titles_of
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.trust.models import Direction

ADDRESSES = ("news", "still", "press", "half", "customer_code", "wrap_up", "about")
SILENT_AFTER = timedelta(seconds=FRESH_FOR)
"""A call of which its screen says nothing for so long reads "we cannot check" to the customer."""


@dataclass(frozen=True)
class OnTheLine:
    """`call_back` is the call-back that the call belongs to, if any, with the work item `writing` by which it is
    wrapped up. `number` is shown only while the agent dials by hand, `half_b` until we have proven who we are.
    `silent_since` is when the screen last said that
    the call goes on, where the customer could not check it since."""

    call: Call
    call_back: CallBack | None
    writing: WorkItem | None
    told: CallSheet | None
    sheet: Sheet
    now: Script
    keys: Sequence[StateKey]
    customer_sees: Sequence[str]
    number: str
    half_b: str
    silent_since: datetime | None

    @property
    def reference(self) -> str:
        return self.call.contact.reference

    @property
    def is_incoming(self) -> bool:
        return self.call.direction == Direction.IN

    @property
    def is_over(self) -> bool:
        return self.call.is_over

    @property
    def needs_code(self) -> bool:
        """Whether the customer now proves who they are, by a code that the agent types."""
        if self.is_over or not _needs_proof(self.call, self.call_back):
            return False
        return self.call.state == (CallState.ANSWERED if self.is_incoming else CallState.COMPANY_PROVEN)

    @property
    def may_offer_half(self) -> bool:
        """Somebody answered our call, and no digits stand on the screen: they are too old."""
        return not self.is_incoming and self.call.state == CallState.ANSWERED and not self.half_b

    @property
    def waits_for_item(self) -> bool:
        """The process has not opened yet the work item by which the call is wrapped up: a second or so."""
        return self.call_back is not None and self.writing is None and self.call.wrapped_at is None

    @property
    def is_live(self) -> bool:
        """Whether the screen looks for news and says that the call goes on."""
        return not self.is_over or self.waits_for_item

    @property
    def screen(self) -> str:
        """Changes only when the forms of the page do: then the page is loaded again."""
        shown = (self.writing, self.number, self.half_b, self.call.wrapped_at)
        return "-".join([self.call.state, *(str(int(bool(one))) for one in shown)])

    @property
    def version(self) -> str:
        """Changes with what the live part says."""
        said = "|".join([str(self.now.words), *self.customer_sees])
        return f"{self.screen}.{hashlib.sha256(said.encode()).hexdigest()[:12]}"

    @property
    def kind(self) -> str:
        if self.is_incoming:
            return _("a call to us")
        return _("a call from us")

    @property
    def tone(self) -> str:
        """The state of the notice on top, as one of the six."""
        if self.is_over:
            return "done" if self.call.wrapped_at or self.call.outcome == CallOutcome.SPOKEN else "us"
        return "customer" if self.call.answered_at else "us"

    @property
    def at(self) -> Mapping[str, str]:
        """The addresses to which its forms are sent."""
        return {name: reverse(f"admin:phone_authorisation:{name}", args=[self.reference]) for name in ADDRESSES}


def line_of(reference: str, *, by: Actor, now: datetime) -> OnTheLine:
    """The agent's own call by the reference of its contact. Raises `NotFound` for another agent's."""
    calls = Call.objects.filter(contact__reference=reference, agent__public_id=by.id)
    call = calls.select_related("contact", "customer", "point", "agent").first()
    if call is None:
        raise NotFound("unknown_call", _("There is no such call."))
    call_back = CallBack.objects.filter(call=call).select_related("case__customer", "about", "call").first()
    told_by_process = sheet_of(call_back) if call_back else None
    half = proving.half_b(call, agent=call.agent, now=now) if call.agent else ""
    told = _told(call, call_back, told_by_process, half)
    return OnTheLine(
        call=call,
        call_back=call_back,
        writing=preparing.item_of(call_back.case) if call_back and call.wrapped_at is None else None,
        told=told_by_process,
        sheet=_sheet(call, call_back, told_by_process, told, now=now),
        now=scripts.of_moment(call, told),
        keys=[] if call.is_over else keys.of_call(call, with_customer_proof=told.needs_proof),
        customer_sees=_customer_sees(call),
        number=revealing.number_for(call, by=by),
        half_b=half,
        silent_since=_silent_since(call, now),
    )


def _needs_proof(call: Call, call_back: CallBack | None) -> bool:
    """Whether the customer proves who they are in this call: whoever rings us does, once we know as whom."""
    if call_back is not None:
        return needs_customer_proof(call_back)
    return call.direction == Direction.IN and call.customer is not None and call.case_id is not None


def _told(call: Call, call_back: CallBack | None, sheet: CallSheet | None, half: str) -> Told:
    return Told(
        agent=(call.agent.first_name if call.agent else "") or _("one of us"),
        reference=call.case_reference,
        half=half,
        why=str(sheet.why) if sheet else "",
        needs_proof=_needs_proof(call, call_back),
    )


def _sheet(call: Call, call_back: CallBack | None, told: CallSheet | None, words: Told, *, now: datetime) -> Sheet:
    before = tried.before(call, now=now)
    if told is None or call_back is None:
        return sheets.for_a_call_to_us(known=_shown_number(call), tried=before)
    if call.direction == Direction.IN:
        known = [(_("What our call is about"), told.why), *_whom(call, call_back)]
        return dataclasses.replace(
            sheets.for_our_call(told, say=sheets.for_a_caller().say, known=(), tried=before), known=known
        )
    script = (
        Script(title=_("Who is not sure"), words=scripts.ring_back()),
        Script(title=_("To a voicemail, and nothing else"), words=scripts.voicemail(words)),
    )
    return sheets.for_our_call(
        told, say=scripts.greeting(words), known=_whom(call, call_back), tried=before, script=script
    )


def _whom(call: Call, call_back: CallBack) -> Lines:
    customer = call_back.case.customer
    lines = [(_("Customer"), customer.name), (_("Number on file"), call.contact.address_masked)]
    if call_back.window:
        lines.append((_("Agreed, by the customer’s clock"), call_back.window_in_words))
    if call_back.about is not None:
        lines.append((_("About case"), call_back.about.reference))
    return [*lines, *([] if call.direction == Direction.IN else [(_("We call from"), settings.COMPANY_PHONE)])]


def _shown_number(call: Call) -> Lines:
    shown = call.contact.address_masked or _("withheld")
    proves = _("A display shows whatever number a caller wants. It proves nothing.")
    return [(_("Number shown"), shown), ("", proves)]


def _customer_sees(call: Call) -> Sequence[str]:
    """What the customer's own page says, by the customer's clock."""
    if call.customer is None or call.is_over:
        return []
    live = state_of(call.customer)
    with timezone.override(ZoneInfo(call.customer.time_zone)):
        return [*titles_of(live), *lines_of(live)]


def _silent_since(call: Call, now: datetime) -> datetime | None:
    if call.is_over or (call.dialled_at is None and call.answered_at is None):
        return None
    heard = call.seen_at or call.answered_at or call.dialled_at
    return heard if heard is not None and now - heard > SILENT_AFTER else None
