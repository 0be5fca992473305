"""What the desk does with a mail: take it, give it back, set it aside, tell its sender that we do nothing by mail.

Nobody reads a mail that they do not hold. Who took it, and when, is kept with the mail.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.customers.models import Customer
from backoffice.mail_orders import neutral, rights
from backoffice.mail_orders.models import Answered, Aside, Mail, MailState
from backoffice.mail_orders.reasons import Reason
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role, User
from backoffice.staff.rights import needs
from backoffice.trust.limits import Limit, allowed

HELD_FOR = timedelta(minutes=30)
"""A mail that somebody took and left is taken by the next one."""
PER_SENDER = Limit("neutral-answer-to", times=1, per=timedelta(days=7))
IN_ALL = Limit("neutral-answers", times=100, per=timedelta(hours=1))
BY_HAND = tuple(one for one in Aside if one not in (Aside.NONE, Aside.AUTOMATIC))


def mail_of(typed: str) -> Mail:
    """The mail of a reference, however it was typed. Raises `NotFound`."""
    reference = tidy_reference(typed)
    mail = Mail.objects.select_related("customer", "case", "held_by").filter(reference=reference or "-").first()
    if mail is None:
        raise NotFound("unknown_mail", _("There is no mail with this reference."), field="mail")
    return mail


def is_held(mail: Mail, *, user: User, now: datetime) -> bool:
    """Whether this person holds the mail now."""
    return mail.held_by_id == user.pk and mail.held_at is not None and now - mail.held_at < HELD_FOR


def why_not_take(mail: Mail, *, by: Actor, user: User, now: datetime) -> str:
    """The sentence that says why this person may not take the mail now; empty when they may."""
    if refusal := rights.READ.why_not(by):
        return refusal
    if mail.wiped_at is not None:
        return _("The content of this mail was deleted: its time is over.")
    if mail.state != MailState.WAITING and Role.COMPLIANCE not in by.roles and Role.SUPERVISOR not in by.roles:
        return _("This mail was handled already. A supervisor or compliance can still read it.")
    if mail.held_by_id not in (None, user.pk) and mail.held_at and now - mail.held_at < HELD_FOR:
        return _("Somebody else reads this mail now.")
    return ""


@needs(rights.READ)
@transaction.atomic
def take(*, mail: Mail, by: Actor, user: User, now: datetime) -> Mail:
    """The person holds the mail for half an hour, and may read it; that is noted. `now` is UTC. Raises `Conflict`."""
    locked = _locked(mail)
    if refusal := why_not_take(locked, by=by, user=user, now=now):
        raise Conflict("cannot_take", refusal)
    if not is_held(locked, user=user, now=now):
        locked.note("taken", by=by.id, at=now)
    locked.held_by, locked.held_at = user, now
    locked.save(update_fields=["held_by", "held_at", "history"])
    return locked


@needs(rights.READ)
@transaction.atomic
def give_back(*, mail: Mail, by: Actor, user: User, now: datetime) -> Mail:
    """The mail waits for anybody again."""
    locked = _held(mail, user=user, now=now)
    locked.held_by = locked.held_at = None
    locked.note("given_back", by=by.id, at=now)
    locked.save(update_fields=["held_by", "held_at", "history"])
    return locked


@needs(rights.HANDLE)
@transaction.atomic
def set_aside(*, mail: Mail, why: str, by: Actor, user: User, now: datetime) -> Mail:
    """Nothing is done about the mail. Raises `Invalid` on `why`, `Conflict` when it was handled already."""
    locked = _waiting(mail, user=user, now=now)
    if why not in BY_HAND:
        raise Invalid({"why": [_("Choose why it is set aside.")]})
    locked.state, locked.aside, locked.ended_at = MailState.SET_ASIDE, why, now
    locked.held_by = locked.held_at = None
    locked.note("set_aside", by=by.id, at=now)
    locked.save(update_fields=["history", "state", "aside", "ended_at", "held_by", "held_at"])
    return locked


def why_not_answer(mail: Mail) -> str:
    """The sentence that says why the sender must not be answered; empty when it is safe. An answer to an address that
    anybody can write into a mail would make us a source of unwanted mail, and tell a stranger that we exist."""
    reasons = set(mail.reasons)
    if mail.answered != Answered.NO:
        return _("The sender was answered already.")
    if Reason.AUTOMATIC in reasons:
        return _("No person wrote this mail: an answer would go round in circles.")
    if mail.customer_id is not None:
        return _("It seems to be a customer's: ask the customer, at the address on file.")
    if Reason.VOUCHED not in reasons or Reason.REPLY_ELSEWHERE in reasons or Reason.IN_OUR_NAME in reasons:
        return _("Anybody could have written this address into the mail, so nobody is answered.")
    return ""


@needs(rights.HANDLE)
@transaction.atomic
def answer_neutrally(*, mail: Mail, by: Actor, user: User, now: datetime) -> Mail:
    """Sends the sender, once, that we do nothing by mail, and sets the mail aside. Nothing of the mail is quoted. `now`
    is UTC. Raises `Conflict` where an answer is not safe, or too many were sent."""
    locked = _waiting(mail, user=user, now=now)
    if refusal := why_not_answer(locked):
        raise Conflict("not_safe", refusal)
    if not allowed(PER_SENDER, locked.sender_index, now=now) or not allowed(IN_ALL, "all", now=now):
        raise Conflict("too_many_answers", _("Enough answers were sent. Set the mail aside without one."))
    neutral.order(locked, user=user, now=now)
    locked.state, locked.aside = MailState.SET_ASIDE, Aside.UNKNOWN
    locked.ended_at, locked.held_by, locked.held_at = now, None, None
    locked.note("answered", by=by.id, at=now)
    locked.save(update_fields=["history", "answer", "answered", "state", "aside", "ended_at", "held_by", "held_at"])
    return locked


def for_order(mail: Mail, *, customer: Customer, user: User, now: datetime) -> Mail:
    """The mail, locked, for a case about it: inside the opening's transaction. Raises `Conflict` and `Forbidden`."""
    return _waiting(mail, user=user, now=now, field="mail")


def _locked(mail: Mail) -> Mail:
    return Mail.objects.select_for_update().get(pk=mail.pk)


def _held(mail: Mail, *, user: User, now: datetime, field: str = "") -> Mail:
    locked = _locked(mail)
    if not is_held(locked, user=user, now=now):
        raise Forbidden("not_held", _("Take the mail first: only who holds it may do this."), field=field)
    return locked


def _waiting(mail: Mail, *, user: User, now: datetime, field: str = "") -> Mail:
    locked = _held(mail, user=user, now=now, field=field)
    if locked.state != MailState.WAITING:
        raise Conflict("handled", _("This mail was handled already."), field=field)
    return locked
