"""The customer confirms, for one step of one case, that it is really them: with an authenticator's code or a passkey. A
wrong code costs a try: five in ten minutes for a step, twenty in an hour for an account, with a warning before the
last. An authenticator's code is good once: allauth remembers used codes as long as they would be right. A new
authenticator does not count yet: see `authenticators.py`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Level
from backoffice.cases.answering import Session
from backoffice.portal import authenticators
from backoffice.refusals import Refused
from backoffice.staff.models import User
from backoffice.staff.passkeys import UNREADABLE
from backoffice.trust import assurance
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.trust.models import Grant

TRIES = 5
PER_STEP = Limit("step_up_one_step", times=TRIES, per=timedelta(minutes=10))
WARNED = Limit("step_up_before_the_warning", times=TRIES - 2, per=timedelta(minutes=10))
PER_ACCOUNT = Limit("step_up_one_account", times=20, per=timedelta(hours=1))


class Step(Protocol):
    """What is confirmed: one step of one case."""

    @property
    def case_id(self) -> UUID: ...

    @property
    def step(self) -> str: ...


class NotConfirmed(Refused):
    """The code or passkey is not accepted. The words depend only on the number of tries."""

    status = 400


class Method(TextChoices):
    """The kind of evidence, as grants and timelines name it."""

    TOTP = "totp", "totp"
    PASSKEY = "webauthn", "webauthn"


def methods_of(user: User, *, now: datetime | None = None) -> frozenset[str]:
    """What the customer can confirm with; empty when they must first set something up, or wait."""
    now = now or timezone.now()
    return frozenset(mine.type for mine in authenticators.of_user(user) if authenticators.counts(mine, now=now))


def counts_from(user: User) -> datetime | None:
    """When (UTC) the first of their authenticators counts; None when they have none."""
    return min((authenticators.counts_from(mine) for mine in authenticators.of_user(user)), default=None)


def with_code(*, work: Step, session: Session, typed: str, now: datetime | None = None) -> Grant:
    """Grants the step for the code of the customer's authenticator. Raises `NotConfirmed`."""
    now = now or timezone.now()
    warning = _count(work, session.user, now)
    mine = Authenticator.objects.filter(user=session.user, type=Authenticator.Type.TOTP).first()
    digits = "".join(one for one in typed[:32] if one.isascii() and one.isdigit())
    if mine is not None and not authenticators.counts(mine, now=now):
        raise NotConfirmed("too_new", _too_new(), field="code")
    if mine is None or not mine.wrap().validate_code(digits):
        raise NotConfirmed("not_confirmed", _wrong(warning), field="code")
    return _grant(work, session, mine, Method.TOTP, now)


def with_passkey(*, work: Step, session: Session, credential: str, now: datetime | None = None) -> Grant:
    """Grants the step for what the browser signed with a passkey. Raises `NotConfirmed`."""
    now = now or timezone.now()
    warning = _count(work, session.user, now)
    try:
        answer = json.loads(credential[:20_000])
        webauthn.parse_authentication_response(answer)
        mine = webauthn.complete_authentication(session.user, answer)
    except (ValidationError, *UNREADABLE):
        raise NotConfirmed("not_confirmed", _wrong_passkey(warning)) from None
    if not authenticators.counts(mine, now=now):
        raise NotConfirmed("too_new", _too_new())
    return _grant(work, session, mine, Method.PASSKEY, now)


def passkey_options(user: User) -> dict[str, Any]:
    """The challenge for the browser. It is stored in the session, and good for one answer."""
    return dict(webauthn.begin_authentication(user))


def _count(work: Step, user: User, now: datetime) -> bool:
    """Counts a try; says whether the next one is the last. Raises `NotConfirmed` when there are none left."""
    step = f"{user.pk} {work.case_id} {work.step}"
    try:
        in_time = allowed(PER_STEP, step, now=now) & allowed(PER_ACCOUNT, str(user.pk), now=now)
    except CannotCount as away:
        raise NotConfirmed(away.code, away.sentence, field="code") from None
    if not in_time:
        raise NotConfirmed(
            "too_many_tries",
            _("Too many codes were tried. Wait ten minutes, then try a new one, or call us: %(phone)s.")
            % {"phone": settings.COMPANY_PHONE},
            field="code",
        )
    return not allowed(WARNED, step, now=now)


def _wrong(warning: bool) -> str:
    sentence = _("This code does not work. Wait until your app shows a new one, and type that.")
    return f"{sentence} {_last_tries()}" if warning else sentence


def _wrong_passkey(warning: bool) -> str:
    sentence = _("This passkey does not work here. Load the page again and try once more.")
    return f"{sentence} {_last_tries()}" if warning else sentence


def _too_new() -> str:
    sentence = _("This was set up less than a day ago, so it does not count yet. To go on now, call us: %(phone)s.")
    return sentence % {"phone": settings.COMPANY_PHONE}


def _last_tries() -> str:
    return _("After one more wrong try you have to wait ten minutes.")


def _grant(work: Step, session: Session, mine: Authenticator, method: Method, now: datetime) -> Grant:
    mine.record_usage()
    return assurance.grant(
        user=session.user,
        session_key=session.key,
        case_id=work.case_id,
        action=work.step,
        level=Level.CONFIRMED,
        method=method,
        now=now,
    )
