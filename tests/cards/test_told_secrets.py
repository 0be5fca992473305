"""A customer says in the survey that they told somebody a code, a PIN or a password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from backoffice.actors import Level
from backoffice.cards.models import Card, CardReissue, CardState, Reason
from backoffice.cards.reissue import blocking, told_secrets
from backoffice.cases import answering, evidence, freezing
from backoffice.cases.models import Case, CaseState, Command, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_staff, sign_in
from tests.playing import CALM, ask, close, customer_actor, open_card_case, system
from workflows.base.contracts import DoEffect
from workflows.base.spec import Nothing
from workflows.card_reissue.facts import Told

pytestmark = pytest.mark.django_db
TOLD = CALM | {"contacted": "call", "asked_for_secrets": "told"}
STEPS = "Do these three things now"


@pytest.fixture
def customer(client: Client) -> Callable[[Case], Client]:
    def signed_in(case: Case) -> Client:
        assert case.customer.user is not None
        client.force_login(case.customer.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def surveyed(card: Card | None = None, *, what: list[str], reason: str = Reason.LOST) -> Case:
    """A case whose customer has told this much."""
    case = open_card_case(card or make_card(), reason=reason)
    answer(ask(case, "email_survey"), TOLD | {"told_what": what})
    return case


def answer(item: WorkItem, data: dict[str, Any]) -> str:
    by = customer_actor(item.case.customer, level=Level.CONFIRMED)
    return answering.answer(item_id=item.id, by=by, data=data).outcome


def called(case: Case, *, reason: str = "It was a caller.", outcome: str = "spoken") -> None:
    item = WorkItem.objects.get(case=case, kind="call_about_secret")
    by = actor(make_staff(role=Role.SUPPORT))
    answering.answer(item_id=item.id, by=by, data={"outcome": outcome, "reason": reason})


# --- the survey -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "weight"),
    [
        (["pin"], Told.CARD),
        (["pin", "card"], Told.CARD),
        (["code"], Told.ACCOUNT),
        (["password"], Told.ACCOUNT),
        (["else"], Told.ACCOUNT),
        (["card", "code"], Told.ACCOUNT),
    ],
)
def test_the_process_learns_what_it_may_open_and_no_more(what: list[str], weight: Told) -> None:
    case = surveyed(what=what)

    said = Command.objects.get(case=case, signal="answered").payload["facts"]
    assert said == {"told": weight.value}


@pytest.mark.parametrize("said", ["no", "refused"])
def test_who_told_nothing_is_not_asked_what_and_told_nothing_more(said: str) -> None:
    case = open_card_case(make_card(), reason=Reason.LOST)
    item = ask(case, "email_survey")

    answer(item, CALM | {"contacted": "call", "asked_for_secrets": said, "told_what": ["password"]})

    item.refresh_from_db()
    assert item.answer is not None
    assert "told_what" not in item.answer
    assert "told" not in Command.objects.get(case=case, signal="answered").payload["facts"]
    assert told_secrets.advice(case, item.answer) is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (TOLD, "told_what"),
        (TOLD | {"told_what": []}, "told_what"),
        (TOLD | {"told_what": ["my mother's name"]}, "told_what"),
        (TOLD | {"told_what": ["pin"], "contacted": "nobody"}, "contacted"),
    ],
)
def test_an_answer_that_leaves_out_what_or_contradicts_itself_is_refused(data: dict[str, Any], field: str) -> None:
    item = ask(open_card_case(make_card(), reason=Reason.LOST), "email_survey")

    with pytest.raises(Invalid) as refused:
        answer(item, data)

    assert set(refused.value.errors) == {field}
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_an_answer_from_before_the_question_had_three_is_still_read() -> None:
    case = open_card_case(make_card(), reason=Reason.LOST)
    item = ask(case, "email_survey")
    answer(item, CALM)
    WorkItem.objects.filter(pk=item.pk).update(answer=CALM | {"contacted": "call", "asked_for_secrets": "yes"})

    lines = dict(evidence.lines_of_answer(case, "email_survey"))

    assert lines["Did anybody ask you for a code, a PIN or a password?"] == "Yes"


# --- what the customer sees, at once and afterwards -------------------------------------------------------------------


def test_the_three_steps_stand_on_the_very_next_page_and_stay_until_the_end(
    customer: Callable[[Case], Client],
) -> None:
    case = open_card_case(make_card(), reason=Reason.FRAUD, payments=[{"amount": "1.00", "currency": "EUR"}])
    client, item = customer(case), ask(case, "email_survey")
    pages = [
        {"payment_1": "no"},
        {"card_where": "with_me"},
        {"contacted": "call", "asked_for_secrets": "told"},
        {"told_what": ["password", "pin"]},
        {"address_right": "yes"},
    ]
    shown = []
    for number, answers in enumerate(pages, start=1):
        response = client.post(reverse("portal:page", args=[item.id, number]), answers, follow=True)
        shown.append(response.content.decode())
    client.post(reverse("portal:check", args=[item.id]))
    done = client.get(reverse("portal:done", args=[item.id])).content.decode()
    page = client.get(reverse("portal:case", args=[case.reference])).content.decode()

    assert [STEPS in text for text in (*shown, done, page)] == [False, False, True, True, True, True, True]
    assert reverse("account_change_password") in shown[2]
    assert "Answer the rest and send it: then one of us calls you." in shown[4]
    assert "We call you on the number that we have" in done
    assert f'href="tel:{settings.COMPANY_PHONE.replace(" ", "")}"' in page


def test_the_steps_fit_what_was_told() -> None:
    def second(what: list[str], state: CardState = CardState.BLOCKED) -> str:
        card = make_card()
        case = open_card_case(card, reason=Reason.LOST)
        with changing(case.id) as locked:
            blocking.blocked(locked, by=system(), now=datetime.now(UTC))
        Card.objects.filter(pk=card.pk).update(state=state)
        shown = told_secrets.advice(case, {"asked_for_secrets": "told", "told_what": what})
        assert shown is not None
        assert len(shown.steps) == 3
        return shown.steps[1].says

    assert second([]).startswith("Change the password")
    assert second(["code", "password"]).startswith("Change the password")
    assert second(["code"]).startswith("Look at what was done in your name")
    assert "is blocked: nobody can pay with it" in second(["pin"])
    assert "blocked" not in second(["pin"], CardState.ACTIVE)


def test_a_card_is_not_said_to_be_blocked_before_the_issuer_has_said_so() -> None:
    case = open_card_case(make_card(), reason=Reason.LOST)

    shown = told_secrets.advice(case, {"asked_for_secrets": "told", "told_what": ["pin"]})

    assert shown is not None
    assert "blocked" not in shown.steps[1].says


def test_after_the_call_nobody_is_promised_another_one_and_a_closed_case_shows_no_steps(
    customer: Callable[[Case], Client],
) -> None:
    case = surveyed(what=["pin"])
    ask(case, "call_about_secret")
    client = customer(case)
    called(case)

    page = client.get(reverse("portal:case", args=[case.reference])).content.decode()
    assert "If anything else happens, call us" in page
    assert "We call you on the number" not in page
    close(case, "withdrawn")
    assert STEPS not in client.get(reverse("portal:case", args=[case.reference])).content.decode()


# --- the pause and the call -------------------------------------------------------------------------------------------


def test_the_call_is_answered_while_the_case_is_paused_and_only_a_supervisor_lets_it_go_on() -> None:
    case = surveyed(what=["code"])
    ask(case, "call_about_secret", effects=(DoEffect("pause"),))
    case.refresh_from_db()
    assert case.state == CaseState.FROZEN
    hanna, sam = make_staff(role=Role.SUPPORT), make_staff(role=Role.SUPERVISOR)

    called(case)

    case.refresh_from_db()
    assert case.state == CaseState.FROZEN
    assert freezing.why_not_unfreeze(case, by=actor(hanna))
    freezing.unfreeze(case_id=case.id, by=actor(sam), reason="The customer has changed the password.")
    case.refresh_from_db()
    assert case.state == CaseState.OPEN


def test_a_case_that_is_paused_already_stays_as_it_is() -> None:
    case = surveyed(what=["code"])
    sam = make_staff(role=Role.SUPERVISOR)
    freezing.freeze(case_id=case.id, by=actor(sam), reason="Somebody rang.")

    with changing(case.id) as locked:
        told_secrets.pause(case=locked, args=Nothing(), now=datetime.now(UTC))

    assert case.timeline.filter(kind="case.frozen").count() == 1


def test_the_customer_cannot_answer_what_waits_while_the_case_is_paused() -> None:
    case = surveyed(what=["code"])
    other = ask(case, "prove_identity")
    ask(case, "call_about_secret", effects=(DoEffect("pause"),))

    with pytest.raises(Conflict) as refused:
        answer(other, {})

    assert refused.value.code == "frozen"


def test_the_words_of_the_call_are_before_the_approver_and_in_no_timeline(client: Client) -> None:
    case = surveyed(what=["pin"])
    ask(case, "call_about_secret")
    called(case, reason="A caller with a Hague number; knew the last four digits.")
    approve = ask(case, "approve_reissue")

    shown = {one.name: one.lines for one in evidence.of_item(approve)}

    assert ("What came of it", "A caller with a Hague number; knew the last four digits.") in shown["secret_call"]
    assert all("Hague" not in f"{event.reason} {event.data}" for event in case.timeline.all())
    page = sign_in(client, make_staff(role=Role.APPROVER)).get(reverse("admin:desk_item", args=[approve.id]))
    assert "knew the last four digits" in page.content.decode()


def test_a_call_needs_its_outcome_and_what_came_of_it() -> None:
    case = surveyed(what=["pin"])
    item = ask(case, "call_about_secret")

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=actor(make_staff(role=Role.SUPPORT)), data={})

    assert set(refused.value.errors) == {"outcome", "reason"}


def test_the_card_is_not_released_to_who_told_a_secret_even_if_the_process_asks() -> None:
    told = surveyed(what=["pin"])
    calm = open_card_case(make_card(), reason=Reason.LOST)
    answer(ask(calm, "email_survey"), CALM)

    assert blocking.why_not_release(told) == "told_secret"
    assert blocking.why_not_release(calm) == ""
    assert CardReissue.of(told).card.state == CardState.BLOCKED
