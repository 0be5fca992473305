"""Calls through Twilio's REST API and its official library: https://www.twilio.com/docs/voice/api/call-resource, and
what it reports of them: https://www.twilio.com/docs/voice/api/call-resource#statuscallback.

A call that a machine answers is told by answering machine detection, which listens while the call goes on. No recording
is ordered, and no word is spoken by the provider.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import structlog
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import RequestValidator, add_port, remove_port
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from backoffice.refusals import Refused
from backoffice.telephony.adapters.twilio_http import PooledClient
from backoffice.telephony.ports import Line, NoAnswer, NotSent, ProviderRefused, Reported

log = structlog.get_logger(__name__)
PATH = "/api/v1/webhooks/telephony"
EVENTS = ["initiated", "ringing", "answered", "completed"]
RINGS_FOR, TALKS_FOR = 30, 3600
"""Seconds until nobody has answered, and after which the provider ends a call that everybody forgot."""
LONGEST_ID = 64
NOT_IN_PROGRESS = 21220
"""The provider's code for hanging up what is over: https://www.twilio.com/docs/api/errors/21220."""
_STATUS: Mapping[str, Reported] = {
    "queued": Reported.QUEUED,
    "initiated": Reported.QUEUED,
    "ringing": Reported.RINGING,
    "in-progress": Reported.ANSWERED,
    "answered": Reported.ANSWERED,
    "completed": Reported.COMPLETED,
    "busy": Reported.BUSY,
    "no-answer": Reported.NO_ANSWER,
    "failed": Reported.FAILED,
    "canceled": Reported.FAILED,
}
_MACHINE = re.compile("machine_|fax")
_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_A = TypeVar("_A")


class Forged(Refused):
    """The report is not signed by the provider."""

    status = 401


class Unreadable(Refused):
    """It is signed, but is no report of a call that we can read."""

    status = 400


class TwilioTelephony:
    """`ports.Telephony` on Twilio's REST API. `url` is that of the API, also of a region; `connect` and `read` are
    seconds."""

    def __init__(self, *, url: str, account: str, token: str, number: str, connect: float = 2, read: float = 8) -> None:
        http = PooledClient(url=url, connect=connect, read=read)
        self._calls = Client(account, token, http_client=http).calls
        self._number = number

    def place(self, *, number: str, key: str) -> Line:
        """See `Telephony.place`."""
        reports = f"{settings.PUBLIC_URL.rstrip('/')}{PATH}?key={key}"
        told = {
            "status_callback": reports,
            "status_callback_event": EVENTS,
            "machine_detection": "Enable",
            "async_amd": "true",
            "async_amd_status_callback": reports,
        }
        twiml = str(_to_the_desk())
        return _line(
            _ask(
                lambda: self._calls.create(
                    to=number, from_=self._number, twiml=twiml, timeout=RINGS_FOR, time_limit=TALKS_FOR, **told
                )
            )
        )

    def find(self, *, number: str, since: datetime, known: frozenset[str]) -> Line | None:
        """See `Telephony.find`. The provider filters by whole days, so the time is compared here."""
        found = _look(lambda: self._calls.list(to=number, from_=self._number, limit=20, page_size=20))
        made = [call for call in found or [] if call.sid not in known and call.date_created is not None]
        made = [call for call in made if call.date_created >= since - timedelta(seconds=1)]
        return _line(max(made, key=lambda call: call.date_created)) if made else None

    def look(self, *, provider_id: str) -> Line | None:
        """See `Telephony.look`."""
        found = _look(lambda: self._calls(provider_id).fetch())
        return _line(found) if found is not None else None

    def hang_up(self, *, provider_id: str) -> None:
        """See `Telephony.hang_up`."""
        try:
            _look(lambda: self._calls(provider_id).update(status="completed"))
        except ProviderRefused as refused:
            if str(refused) != _code(NOT_IN_PROGRESS):
                raise NoAnswer(str(refused)) from None


def read_report(*, body: bytes, query: str, signature: str | None) -> tuple[Line, str]:
    """The line in a report, and our key of its call. `query` is that of the address to which it was sent, byte for
    byte. Raises `Forged` (401) unless the provider signed it, `Unreadable` (400)."""
    told = QueryDict(body, encoding="utf-8")
    address = f"{settings.PUBLIC_URL.rstrip('/')}{PATH}" + (f"?{query}" if query else "")
    if not _is_signed(address, told, signature or "") or told.get("AccountSid") != settings.TELEPHONY_ACCOUNT:
        raise Forged("bad_signature", _("This report is not signed by our provider of telephone calls."))
    sid, answered_by = told.get("CallSid", ""), told.get("AnsweredBy", "")
    by_machine = bool(_MACHINE.match(answered_by))
    status = _STATUS.get(told.get("CallStatus", ""))
    if "CallStatus" not in told and answered_by:
        status = Reported.VOICEMAIL if by_machine else Reported.ANSWERED
    if status is None or not _SID.fullmatch(sid):
        raise Unreadable("unreadable", _("We cannot read this report."))
    return Line(sid, status, by_machine), dict(parse_qsl(query)).get("key", "")


def _is_signed(address: str, told: QueryDict, signature: str) -> bool:
    """Compared in constant time, which the library's own comparison does not promise. Whether the port is a part of the
    address, the provider decides."""
    if not settings.TELEPHONY_TOKEN or not settings.TELEPHONY_URL:
        return False
    validator, parsed = RequestValidator(settings.TELEPHONY_TOKEN), urlsplit(address)
    expected = [validator.compute_signature(change(parsed), told) for change in (add_port, remove_port)]
    fits = [hmac.compare_digest(one.encode(), signature.encode(errors="replace")) for one in expected]
    return any(fits)


def _to_the_desk() -> VoiceResponse:
    """What happens once somebody answers: they hear the desk's line, where the agent sits."""
    answer = VoiceResponse()
    answer.dial(re.sub(r"[^+0-9]", "", settings.DESK_PHONE))
    return answer


def _line(call: Any) -> Line:
    status = _STATUS.get(str(call.status))
    if status is None:
        raise NoAnswer("unknown_status")
    return Line(str(call.sid)[:LONGEST_ID], status, bool(_MACHINE.match(call.answered_by or "")))


def _look(call: Callable[[], _A]) -> _A | None:
    """None where there is no such call."""
    try:
        return _ask(call)
    except ProviderRefused as refused:
        if str(refused) == "not_found":
            return None
        raise


def _ask(call: Callable[[], _A]) -> _A:
    """Turns the library's errors into those of the port, without the provider's text, which quotes numbers."""
    try:
        return call()
    except TwilioRestException as error:
        raise _failure(error.status, error.code) from None
    except TwilioException as error:
        answer = error.args[1] if len(error.args) > 1 else None
        raise _failure(getattr(answer, "status_code", 500), None) from None
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        raise NoAnswer("unreadable_answer") from None


def _failure(status: int, code: int | None) -> NotSent | NoAnswer | ProviderRefused:
    if status == 429:
        return NotSent("busy")
    if status in (401, 403):
        log.error("the provider of calls does not accept our account", status=status)
        return ProviderRefused("account_not_accepted")
    if status == 404:
        return ProviderRefused("not_found")
    if 400 <= status < 500:
        return ProviderRefused(_code(code or status))
    return NoAnswer(f"http_{status}")


def _code(code: int) -> str:
    return f"code_{code}"
