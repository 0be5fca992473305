"""No page or timeline shows a code, an id or the machine's form of a time: tried with every event and every value."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from backoffice.calls.models import Call
from backoffice.cases import catalogue, evidence, sentences, words
from backoffice.cases.models import Case, Event, Incident, IncidentKind, WorkItem
from backoffice.cases.sentences import Sentence
from backoffice.cases.timeline_view import CHANNELS, Reader, lines, proof_words
from backoffice.customers.contact_points import current
from backoffice.desk import worklist_rows
from backoffice.staff.models import Role
from backoffice.visits.models import Visit
from tests.factories import make_card, make_customer, make_staff, now
from tests.playing import open_card_case
from workflows.base.spec import ItemKind

pytestmark = pytest.mark.django_db
RAW = re.compile(
    r"\b[a-z]+_[a-z_]+\b|\b[0-9a-f]{8}-[0-9a-f]{4}-|\b\d{8}T\d{4}|\b\d{4}-\d{2}-\d{2}(T|\b)|\b[a-z]+\.[a-z]+:|[A-Z]\w+Error\b"
)
"""A code, a UUID, a time as machines write it, a call with its refusal, and the name of an exception."""
PROCESSES = ["card_reissue", "home_visit", "phone_authorisation"]


def a_case(process: str) -> Case:
    card = open_card_case(make_card())
    if process == "card_reissue":
        return card
    case = Case(process=process, customer=card.customer, opened_at=now(), opening_key=str(uuid.uuid4()))
    case.save()
    if process == "phone_authorisation":
        Call.objects.create(case=case, agent=make_staff(), through="chat", known_by="nip", wants="card_reissue")
    else:
        Visit.objects.create(case=case)
    return case


def kinds_of(process: str) -> list[ItemKind[Any, Any]]:
    return [bound.spec for bound in (*catalogue.process(process).items, *catalogue.COMMON_ITEMS)]


def placeholders(sentence: Sentence) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", f"{sentence.staff} {sentence.customer or ''}"))


def told(process: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Every kind of event with every value that the process declares: (kind, data, reason)."""
    spec, declared = catalogue.spec(process), catalogue.process(process).words
    for item in kinds_of(process):
        for outcome in item.outcomes:
            for kind in ("item.answered", "item.answered_by_customer", "item.opened", "item.expired"):
                yield kind, {"kind": item.name, "outcome": outcome.value}, ""
    for stage in spec.stages:
        yield "case.stage", {"stage": stage.value}, ""
    for ending in [*[one.value for one in spec.endings], "by_staff", "by_customer", "issuer.order_card:card_closed"]:
        yield "case.closed", {"outcome": "withdrawn"}, ending
    for kind, code in itertools.product(IncidentKind.values, ["", *declared.get("code", {}), "no_answer_in_time"]):
        for event in ("case.attention", "case.attention_cleared"):
            yield event, {"incident": kind, "key": code or "order_card", "code": code, "error": "KeyError"}, ""
    for notice in spec.notices:
        yield "case.told", {"template": f"{process}/{notice.name}", "channels": "mail,sms,post"}, ""
    for kind, sentence in sentences.all_kinds().items():
        names = placeholders(sentence)
        for name in names & declared.keys():
            for code in declared[name]:
                yield kind, dict.fromkeys(names, "7") | {name: code}, ""
        yield kind, dict.fromkeys(names, "not_yet_known"), "not_proven"


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("reader", list(Reader))
def test_no_event_of_a_timeline_is_told_in_codes(process: str, reader: Reader) -> None:
    case = a_case(process)
    events = [
        Event(case=case, number=number, at=now(), kind=kind, data=data, reason=reason, actor_kind="system")
        for number, (kind, data, reason) in enumerate(told(process), start=1)
    ]

    said = [line.sentence for line in lines(events, [case], reader=reader)]

    assert len(said) > 60
    assert [sentence for sentence in said if RAW.search(sentence)] == []


@pytest.mark.parametrize("process", PROCESSES)
def test_no_reason_why_an_item_stands_in_the_worklist_is_a_code(process: str) -> None:
    case = a_case(process)
    codes = [
        *catalogue.process(process).words.get("why", {}),
        *IncidentKind.values,
        "order_card: card_closed",
        "not_proven",
    ]

    for kind, why in itertools.product(kinds_of(process), codes):
        item = WorkItem(case=case, kind=kind.name, performer="role", role=kind.role, why=why, opened_at=now())
        shown = " ".join([words.of_why(item), words.title_of(item), worklist_rows.about(case)])
        assert not RAW.search(shown), shown


@pytest.mark.parametrize("process", PROCESSES)
def test_no_incident_and_no_end_is_told_in_codes(process: str) -> None:
    for kind in IncidentKind.values:
        incident = Incident(
            kind=kind, key="order_card", what={"code": "half_different", "error": "KeyError", "reason": "x_y"}
        )
        assert not RAW.search(words.of_incident(process, incident.told))
    for reason in ("by_staff", "by_customer", "by_system", "by_outside", "no_answer", "identity_mismatch", "x_y"):
        assert not RAW.search(words.of_reason(process, reason)), reason
    for proof in ("totp", "recovery_codes", "something_new"):
        assert not RAW.search(proof_words(proof))
    assert not any(RAW.search(str(channel)) for channel in CHANNELS.values())


def test_what_is_no_code_stays_as_it_is() -> None:
    for text in ("899.00", "K7Q-4MX-2", "example.org", "They said: call me at 10:30", "Verdacht", "7"):
        assert words.spoken(text) == text


def test_answers_that_can_no_longer_be_chosen_are_shown_in_words() -> None:
    case = a_case("home_visit")
    place, visitor = current(customer=case.customer, kind="postal"), make_staff(role=Role.FIELD)
    assert place is not None
    kept: dict[str, Any] = {
        "choose_visit": {"how": "visit", "window": "20261125T0939-20261125T1139", "place": str(place.pk)},
        "assign_visitor": {"visitor": str(visitor.public_id)},
        "id_check": {"outcome": "match", "valid_until": "2031-05-01", "document": "passport"},
        "choose_alternative": {"how": "not_offered_any_more"},
    }

    for kind, answer in kept.items():
        item = WorkItem(case=case, kind=kind, performer="customer", answer=answer, opened_at=now())
        said = " | ".join(value for _label, value in evidence.lines_of(item))
        assert said
        assert not RAW.search(said), said
        assert str(place.pk) != said

    chosen = WorkItem(case=case, kind="choose_visit", answer=kept["choose_visit"])
    assert "Wednesday 25 November, 10:39 to 12:39" in dict(evidence.lines_of(chosen)).values()
    assigned = WorkItem(case=case, kind="assign_visitor", answer=kept["assign_visitor"])
    assert visitor.get_full_name() in dict(evidence.lines_of(assigned)).values()


def test_another_customer_s_address_is_not_shown_by_its_number() -> None:
    case, other = a_case("home_visit"), current(customer=make_customer(), kind="postal")
    assert other is not None
    chosen: Any = {"how": "visit", "place": str(other.pk)}
    item = WorkItem(case=case, kind="choose_visit", answer=chosen)

    said = dict(evidence.lines_of(item)).values()

    assert other.masked not in said
    assert str(other.pk) not in said
