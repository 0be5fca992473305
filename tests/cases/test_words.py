from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

import pytest
from django.utils import translation

from backoffice.actors import Level, system
from backoffice.cards.models import Reason
from backoffice.cases import answering, catalogue, timeline, words
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.cases.timeline_view import Reader, lines
from backoffice.cases.unit_of_work import changing
from tests.factories import make_card
from tests.playing import advance, ask, close, customer_actor, open_card_case
from workflows.base.contracts import DoEffect, SendNotice
from workflows.base.spec import Stage

pytestmark = pytest.mark.django_db
CODE = re.compile(r"[a-z0-9_.:,-]*")


@pytest.fixture
def played() -> Case:
    """A case in which much has happened, opened by a person who reads Polish."""
    with translation.override("pl"):
        case = open_card_case(make_card(), reason=Reason.STOLEN)
    advance(case, stage="told", notices=(SendNotice("card_blocked"),))
    item = ask(case, "prove_identity")
    answering.answer(item_id=item.id, by=customer_actor(case.customer, level=Level.CONFIRMED), data={})
    advance(case, stage="checked", effects=(DoEffect("assess_risk"),), expires=(ask(case, "email_survey").step,))
    close(case)
    return case


def note(case: Case, kind: str, data: Mapping[str, str]) -> Event:
    with changing(case.id) as locked:
        timeline.note(locked, kind, by=system(), data=data)
    return Event.objects.filter(case=case).latest("number")


def shown(case: Case, *, reader: Reader = Reader.STAFF) -> list[str]:
    events = Event.objects.filter(case=case).order_by("number")
    return [line.sentence for line in lines(events, [case], reader=reader)]


def test_events_hold_codes_and_values_and_no_words(played: Case) -> None:
    held = {
        (event.kind, name): value for event in Event.objects.filter(case=played) for name, value in event.data.items()
    }

    assert len(held) > 10
    assert {place: value for place, value in held.items() if not CODE.fullmatch(value)} == {}
    assert held["case.opened", "reason"] == "stolen"
    assert (held["case.stage", "stage"], held["item.expired", "kind"]) == ("checked", "email_survey")


def test_staff_read_what_happened_in_words(played: Case) -> None:
    said = shown(played)

    assert said[:3] == [
        "The case was opened: stolen.",
        "Reached the stage “Customer told”.",
        "The customer was told by e-mail, text message: It says that we blocked a card.",
    ]
    assert said[3] == f"Asked: {words.title_of(WorkItem(case=played, kind='prove_identity'))}."
    assert "Risk: low (nothing speaks against it)." in said
    assert "The case was closed: done." in said


def test_a_stage_that_is_reworded_keeps_its_place_in_old_cases(played: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    class Reworded(Stage):
        TOLD = "told", "Somebody was told", "You have heard of it"

    process = catalogue.process("card_reissue")
    reworded = dataclasses.replace(process, spec=dataclasses.replace(process.spec, stages=Reworded))
    monkeypatch.setitem(catalogue._processes, "card_reissue", reworded)

    assert "Reached the stage “Somebody was told”." in shown(played)


def test_what_events_held_before_is_still_understood() -> None:
    case = open_card_case(make_card())
    for kind, data in (
        ("case.opened", {"why": "Verdacht"}),
        ("case.stage", {"stage": "Customer told"}),
        ("item.answered_by_customer", {"title": "The customer fills in the survey", "outcome": "answered"}),
        (
            "card.risk",
            {"risk": "high", "why": "the address on file was wrong; somebody asked the customer for secrets"},
        ),
        ("case.attention", {"why": "dead letter: KeyError"}),
        ("case.told", {"template": "card_blocked", "channels": "mail, sms"}),
    ):
        note(case, kind, data)

    said = shown(case)[1:]

    assert said[0] == "The case was opened: Verdacht."
    assert said[1] == "Reached the stage “Customer told”."
    assert said[2].startswith("The customer answered: The customer fills in the survey (")
    assert said[3] == "Risk: high (the address on file was wrong; somebody asked the customer for secrets)."
    assert said[4] == "Needs attention: dead letter: KeyError."
    assert said[5] == "The customer was told by e-mail, text message: It says that we blocked a card."
    assert "You answered. (Answer a few questions about your card)" in shown(case, reader=Reader.CUSTOMER)
    assert words.stage_of("card_reissue", {"stage": "Customer told"}) == "told"


def test_an_event_of_a_process_that_is_gone_is_shown_with_its_codes() -> None:
    case = open_card_case(make_card())
    Case.objects.filter(id=case.id).update(process="gone")
    case.refresh_from_db()
    note(case, "item.opened", {"kind": "weigh_parcel"})
    note(case, "case.stage", {"stage": "weighed"})

    assert shown(case)[1:] == ["Asked: weigh parcel.", "Reached the stage “weighed”."]


def test_the_time_that_ran_out_for_our_own_staff_is_not_told_to_the_customer_as_theirs() -> None:
    case = open_card_case(make_card())
    note(case, "item.expired", {"kind": "approve_reissue"})
    note(case, "item.expired", {"kind": "email_survey"})

    said = [line for line in shown(case, reader=Reader.CUSTOMER) if "ran out" in line]

    assert said == ["The time to answer ran out. (Answer a few questions about your card)"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("order_card: card_refused", "The issuer refused to make the new card: it does not make this card"),
        ("block_card:unknown_card", "The issuer refused to block the card: it does not know the card"),
        ("issuer.order_card:card_closed", "The issuer refused to make the new card: it has closed the card for good"),
        ("order_card: limit_reached", "The issuer refused to make the new card: it says “limit reached”"),
        ("They said: call later", ""),
        ("order_card", ""),
        ("no_call_of_ours: refused", ""),
        ("", ""),
    ],
)
def test_what_an_outside_system_refused_is_told_in_words(told: str, said: str) -> None:
    case = open_card_case(make_card())
    item = WorkItem(case=case, kind="resolve_failure", why=told)

    assert words.of_refused(catalogue.process("card_reissue"), told) == said
    if said:
        assert words.of_why(item) == words.of_reason("card_reissue", told) == said
        assert said in words.of_incident("card_reissue", {"incident": "ended_failed", "reason": told})


def test_why_a_work_item_stands_there_is_a_code_with_words() -> None:
    case = open_card_case(make_card())
    item = WorkItem(case=case, kind="approve_reissue", why="phone,mail")

    assert words.of_why(item) == (
        "telephone number changed less than 30 days ago; mail address changed less than 30 days ago"
    )
    assert words.of_why(WorkItem(case=case, kind="resolve_failure", why="order_card:card_closed")) == (
        "The issuer refused to make the new card: it has closed the card for good"
    )
