"""The live parts of the desk's pages. Each page asks every few seconds whether something changed, with a token that
says what it shows; while nothing did, the answer costs neither a query nor a look at the session.

A token is signed, good for a quarter of an hour, and only with the session for which it was made. It opens nothing: it
only spares a page that is up to date. What changed is shown by the views, which check everything again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac

from backoffice.cases import keeping_from
from backoffice.cases.models import Case
from backoffice.customers import reading
from backoffice.desk import presence
from backoffice.desk.pulse import PULSE, family_events
from backoffice.ui.staff import StaffMember, may_read_case

PATH = "/desk/live/"
HEADER = "X-Shown"
GOOD_FOR = 15 * 60
"""Seconds. Then the session and the rights are looked at again."""
OVER = 286
"""The status with which htmx stops asking."""
_SALT = "desk.live"


@dataclass(frozen=True)
class Shown:
    """What a page shows. For the worklist, `roles` and `version`; for a page of a case, `case`, the topmost case of its
    family, how many events that has, and who else had the case open."""

    user: int
    session: str
    roles: tuple[str, ...] = ()
    version: str = ""
    case: str = ""
    root: str = ""
    events: int = 0
    others: tuple[int, ...] = ()

    @property
    def headers(self) -> str:
        """The token as the value of `hx-headers`."""
        return json.dumps({HEADER: signing.dumps(asdict(self), salt=_SALT, compress=True)})

    def is_current(self) -> bool:
        if not self.case:
            return self.version == PULSE.worklist(user_id=self.user, roles=frozenset(self.roles))
        case_id = uuid.UUID(self.case)
        presence.note(case_id, user_id=self.user)
        return PULSE.family(uuid.UUID(self.root)) <= self.events and (
            PULSE.openers(case_id, besides=self.user) == frozenset(self.others)
        )


def of_worklist(request: HttpRequest, me: StaffMember) -> Shown:
    version = PULSE.worklist(user_id=me.user.pk, roles=me.actor.roles)
    return Shown(me.user.pk, _session(request), tuple(sorted(me.actor.roles)), version)


def of_case(request: HttpRequest, case: Case, me: StaffMember) -> Shown:
    """Made before the rest of the page is read. Notes that this person has the case open."""
    presence.note(case.id, user_id=me.user.pk)
    others = presence.openers([case.id]).get(case.id, frozenset()) - {me.user.pk}
    return Shown(
        me.user.pk,
        _session(request),
        case=str(case.id),
        root=str(case.root_id_or_own),
        events=family_events(case),
        others=tuple(sorted(others)),
    )


def shown_by(request: HttpRequest) -> Shown | None:
    """What the asking page says that it shows; None where it does not say it, or said it too long ago."""
    try:
        said = signing.loads(request.headers.get(HEADER, ""), salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    shown = Shown(**values)
    return shown if shown.session == _session(request) else None


def may_go_on(case: Case, me: StaffMember, *, page: str) -> bool:
    """Whether a page of the case that this person has open is still kept up to date: within the time for which it was
    opened, or with a need to know. `page` says where."""
    now = timezone.now()
    kept_from = keeping_from.is_kept_from(case, me.user)
    still = not kept_from and reading.is_open(customer=case.customer, user=me.user, case_id=case.id, now=now)
    return still or may_read_case(case, me=me, page=page, now=now)


class LiveParts:
    """Answers 204 to a page that is up to date, before the session is read. Instead of a refusal or of the way to the
    sign-in, a page that asks gets a sentence beside what it shows, and asks no more: nothing of it vanishes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        shown = shown_by(request)
        if shown is not None and shown.is_current():
            return HttpResponse(status=204)
        response = self.get_response(request)
        if response.status_code < 300 or response.status_code >= 500:
            return response
        words = render_to_string("desk/live_over.html", {"signed_out": response.status_code in (301, 302)})
        return HttpResponse(words, status=OVER, headers={"HX-Retarget": "#news", "HX-Reswap": "innerHTML"})


def _session(request: HttpRequest) -> str:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return salted_hmac(_SALT, key).hexdigest()[:16]
