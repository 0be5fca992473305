"""Complaints of people who have not signed in, or are no customers. Each has its number at once, and stands at the desk
until a case is opened for it or it is answered. The page says the same to everybody, whatever it recognised.
"""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import opening
from backoffice.cases.models import Case
from backoffice.complaints import naming, people, rights
from backoffice.complaints.models import Came, StrangersComplaint, StrangerState
from backoffice.complaints.opening import key_of
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.statements import insert_new
from backoffice.text import kept_lines
from backoffice.trust.limits import Limit, allowed
from backoffice.trust.padding import pad
from workflows.complaint.spec import COMPLAINT_PROCESS

PER_NETWORK = Limit("strangers-complaints", times=10, per=timedelta(hours=1))
IN_ALL = Limit("strangers-complaints-in-all", times=500, per=timedelta(hours=1))
PADDED_TO = timedelta(milliseconds=400)
"""More than all the work for a case that we know and a person whom we find."""
HELD_FOR = timedelta(minutes=30)
SHORTEST_ANSWER, LONGEST_ANSWER = 20, 4000
_NO_CUSTOMER = 0


@needs(rights.WRITE_IN)
def write_in(
    *, key: uuid.UUID, content: Mapping[str, Any], network: str, by: Actor, now: datetime, padded: bool = True
) -> StrangersComplaint:
    """Stores what was written, and gives it its number; the same key is one complaint. `content` is the cleaned form of
    the public page. `now` is UTC. The answer comes after `PADDED_TO`, or a multiple of it: the reference of a case that
    is there, and the name of somebody who works here, cost more work than others. `padded=False` is for callers that do
    the same work for nobody. Raises `Conflict` after too many, and for the same key with other words."""
    began = time.monotonic()
    row = _written_in(key, content, network, now)
    if padded:
        pad(began, to=PADDED_TO)
    return row


def _written_in(key: uuid.UUID, content: Mapping[str, Any], network: str, now: datetime) -> StrangersComplaint:
    if (known := StrangersComplaint.objects.filter(key=key).first()) is not None:
        return _same(known, content)
    if not allowed(PER_NETWORK, network, now=now):
        raise Conflict("too_many", _("Too many complaints came from here within an hour. Try again later, or call us."))
    if not allowed(IN_ALL, "all", now=now):
        raise Conflict("too_many", _("More comes in here just now than we can take. Try again later, or call us."))
    row = StrangersComplaint(
        key=key,
        received_at=now,
        topic=content["topic"],
        text=content["text"],
        name=content.get("name") or "",
        reach=content.get("reach") or "",
        whom=content.get("whom") or "",
        about_case=_case_of(str(content.get("case") or ""), str(content.get("last_three") or "")),
    )
    row.note("received", at=now)
    with transaction.atomic():
        if not insert_new(row, unique="key"):
            return _same(StrangersComplaint.objects.get(key=key), content)
        stored = StrangersComplaint.objects.get(pk=row.pk)
        kept = people.who_are_kept_from([row.about_case] if row.about_case else [])
        stored.kept_from.set([*naming.named_in(row.text), *naming.named_in(row.whom, is_name=True), *kept])
    return stored


def _same(known: StrangersComplaint, content: Mapping[str, Any]) -> StrangersComplaint:
    if (known.topic, known.text) == (content["topic"], content["text"]):
        return known
    sentence = _("You sent this page before, with other words: that is complaint %(reference)s. Open the page anew.")
    raise Conflict("key_used", sentence % {"reference": known.reference})


def _case_of(typed: str, digits: str) -> Case | None:
    """The case whose reference and last three digits were both typed. An unknown one costs the same look-ups."""
    case = Case.objects.filter(reference=tidy_reference(typed) or "-").first()
    owner = case.customer_id if case else _NO_CUSTOMER
    phones = ContactPoint.objects.filter(customer_id=owner, kind=ContactKind.PHONE, superseded_at=None)
    fits = [hmac.compare_digest(str(phone.value)[-3:].encode(), digits[-3:].encode()) for phone in phones]
    return case if len(digits) >= 3 and True in fits else None


def waiting_for(user: User) -> QuerySet[StrangersComplaint]:
    """Those that this person may see: never one that names them."""
    waiting = StrangersComplaint.objects.filter(state=StrangerState.WAITING)
    return waiting.exclude(kept_from=user).order_by("received_at", "id")


def stranger_of(typed: str, *, user: User) -> StrangersComplaint:
    """Raises `NotFound`, also for who is named in it."""
    reference = tidy_reference(typed) or "-"
    rows = StrangersComplaint.objects.select_related("case", "about_case", "about_case__customer", "held_by")
    found = rows.filter(reference=reference).exclude(kept_from=user).first()
    if found is None:
        raise NotFound("unknown_complaint", _("There is no complaint with this number."))
    return found


def is_held(row: StrangersComplaint, *, user: User, now: datetime) -> bool:
    return row.held_by_id == user.pk and row.held_at is not None and now - row.held_at < HELD_FOR


def why_not_take(row: StrangersComplaint, *, user: User, now: datetime) -> str:
    """Says so while somebody else holds it; empty when it is free."""
    free = row.held_by_id in (None, user.pk) or row.held_at is None or now - row.held_at >= HELD_FOR
    return "" if free else _("Somebody else reads this complaint now.")


@needs(rights.HANDLE)
@transaction.atomic
def take(*, row: StrangersComplaint, by: Actor, user: User, now: datetime) -> StrangersComplaint:
    """This person holds it for half an hour and may read it; that is noted. An answered one can be read again, for who
    calls about it. Raises `Conflict` where another holds it, or a case was opened for it."""
    locked = _locked(row, user=user, states=(StrangerState.WAITING, StrangerState.ANSWERED))
    if refusal := why_not_take(locked, user=user, now=now):
        raise Conflict("held", refusal)
    if not is_held(locked, user=user, now=now):
        locked.note("taken", by=by.id, at=now)
    locked.held_by, locked.held_at = user, now
    locked.save(update_fields=["held_by", "held_at", "history"])
    return locked


@needs(rights.HANDLE)
@transaction.atomic
def answer(*, row: StrangersComplaint, words: str, by: Actor, user: User, now: datetime) -> StrangersComplaint:
    """Notes what this person wrote or said to the stranger, who is no customer of ours: there is no case. Raises
    `Invalid` on `answer`, `Forbidden` for who does not hold it, `Conflict` when it was handled already."""
    locked = _held(row, user=user)
    said = kept_lines(words[: LONGEST_ANSWER + 1])
    no_card_numbers.refuse(said, field="answer")
    if not SHORTEST_ANSWER <= len(said) <= LONGEST_ANSWER:
        raise Invalid({"answer": [_("Write what you answered, in at least one whole sentence.")]})
    locked.answer, locked.state, locked.ended_at = said, StrangerState.ANSWERED, now
    locked.note("answered", by=by.id, at=now)
    locked.save(update_fields=["answer", "state", "ended_at", "history"])
    return locked


@needs(rights.HANDLE)
def open_case_for(
    *, row: StrangersComplaint, customer: Customer, by: Actor, user: User, now: datetime
) -> StrangersComplaint:
    """Opens the complaint of this customer; its clock runs since the stranger wrote, and whom it names is kept from it
    as before. Raises what the opening refuses, `Forbidden` and `Conflict` as `answer` does."""
    with transaction.atomic():
        locked = _held(row, user=user)
        form = {"topic": locked.topic, "text": locked.text, "whom": locked.whom, "came": Came.LETTER.value}
        process = COMPLAINT_PROCESS.name
        _customer, content = opening.check_form(process=process, by=by, data=form, customer=customer)
        content |= {"came": Came.PUBLIC.value, "received_at": locked.received_at.isoformat()}
        content |= {"kept_from": [str(one.public_id) for one in locked.kept_from.order_by("pk")]}
        if locked.about_case and locked.about_case.customer_id == customer.pk:
            content["case"] = locked.about_case.reference
        case, _new = opening.open_case(
            process=process, customer=customer, by=by, key=key_of(locked.id), content=content, reason=row.topic, now=now
        )
        locked.case, locked.state, locked.ended_at = case, StrangerState.OPENED, now
        locked.note("opened", by=by.id, at=now)
        locked.save(update_fields=["case", "state", "ended_at", "history"])
    return locked


def _locked(
    row: StrangersComplaint, *, user: User, states: Collection[str] = (StrangerState.WAITING,)
) -> StrangersComplaint:
    locked = StrangersComplaint.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.kept_from.filter(pk=user.pk).exists():
        raise NotFound("unknown_complaint", _("There is no complaint with this number."))
    if locked.state not in states:
        raise Conflict("handled", _("This complaint was handled already."))
    return locked


def _held(row: StrangersComplaint, *, user: User) -> StrangersComplaint:
    """Whoever took it and writes for longer than half an hour may still finish, unless a colleague took it
    meanwhile."""
    locked = _locked(row, user=user)
    if locked.held_by_id is None:
        raise Forbidden("not_held", _("Take the complaint first: only who holds it may do this."))
    if locked.held_by_id != user.pk:
        raise Forbidden("held_by_another", _("Somebody else has taken this complaint. Nothing was changed."))
    return locked


def anybody() -> Actor:
    """Who uses the public page: nobody has signed in."""
    return Actor(kind=ActorKind.OUTSIDE, id="complaint page", channel=Channel.PORTAL, request_id=str(uuid.uuid4()))
