from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backoffice.actors import Level, system
from backoffice.cards import expiry
from backoffice.cards.models import Card, CardReissue, CardState, Reason
from backoffice.cards.reissue import ordering
from backoffice.cards.reissue.survey import SurveyForm
from backoffice.cases import answering, catalogue
from backoffice.cases.models import Case, Command, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from backoffice.trust.limits import CannotCount
from tests.cards.test_shipping import issued, order
from tests.factories import actor, make_address, make_card, make_staff
from tests.outages import cache_away
from tests.playing import CALM, ask, customer_actor, open_card_case
from workflows.card_reissue.spec import SURVEY

pytestmark = pytest.mark.django_db
ADDRESS = tuple(
    f"right_{part}"
    for part in (
        *("country", "recipient", "line1", "line2", "line3", "code", "town"),
        *("district", "region", "redraw"),
    )
)
MOVED = {"address_right": "no", "right_country": "NL", "right_line1": "Elders 1", "right_code": "1011 AB"} | {
    "right_town": "Amsterdam"
}
PAYMENTS = [
    {"id": f"p{number}", "amount": f"{number}.00", "currency": "EUR", "merchant": f"Shop {number}", "at": ""}
    for number in (1, 2)
]


def answer(item: WorkItem, data: dict[str, Any]) -> str:
    by = customer_actor(item.case.customer, level=Level.CONFIRMED)
    return answering.answer(item_id=item.id, by=by, data=data).outcome


def refusals(item: WorkItem, data: dict[str, Any], *, by: Any = None) -> dict[str, list[str]]:
    by = by or customer_actor(item.case.customer, level=Level.CONFIRMED)
    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=by, data=data)
    item.refresh_from_db()
    assert item.state == ItemState.OPEN
    assert not Command.objects.filter(case=item.case, signal="answered").exists()
    return {field: list(sentences) for field, sentences in refused.value.errors.items()}


# --- the survey -------------------------------------------------------------------------------------------------------


def test_the_survey_has_a_page_for_each_subject_and_a_question_for_each_payment() -> None:
    case = open_card_case(make_card(), payments=PAYMENTS)
    form = SurveyForm(item=ask(case, "email_survey"), by=system(), kind=SURVEY)

    assert [fields for _title, fields in form.pages] == [
        ("payment_1", "payment_2", "not_mine"),
        ("card_where",),
        ("contacted", "asked_for_secrets", "told_us"),
        ("address_right",),
    ]
    assert list(form.fields) == [*(name for _title, fields in form.pages for name in fields), "told_what", *ADDRESS]
    assert form.fields["payment_2"].label == "2.00 EUR at Shop 2: was it you?"


@pytest.mark.parametrize("reason", [Reason.DAMAGED, Reason.EXPIRING])
def test_a_worn_card_is_asked_for_the_address_only(reason: Reason) -> None:
    case = open_card_case(make_card(), reason=reason)
    form = SurveyForm(item=ask(case, "email_survey"), by=system(), kind=SURVEY)

    assert list(form.fields) == ["address_right", *ADDRESS]


def test_the_survey_shows_the_town_and_not_the_street() -> None:
    case = open_card_case(make_card())
    form = SurveyForm(item=ask(case, "email_survey"), by=system(), kind=SURVEY)

    assert "Keizersgracht" not in str(form)
    assert "Amsterdam" in str(form.fields["address_right"].label)


def test_payments_that_were_not_the_customers_are_counted_in_the_timeline() -> None:
    case = open_card_case(make_card(), payments=PAYMENTS)
    item = ask(case, "email_survey")

    assert answer(item, CALM | {"payment_1": "no", "payment_2": "unsure"}) == "answered"
    assert case.timeline.get(kind="item.answered_by_customer").data["not_his"] == "1"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (CALM | {"asked_for_secrets": "refused"}, "contacted"),
        (CALM | {"card_where": "elsewhere"}, "card_where"),
        (CALM | {"contacted": ""}, "contacted"),
        (CALM | {"asked_for_secrets": "maybe"}, "asked_for_secrets"),
        (CALM | {"address_right": ""}, "address_right"),
        (CALM | {"told_us": "x" * 1001}, "told_us"),
        ({**CALM, "payment_1": "perhaps"}, "payment_1"),
    ],
)
def test_what_contradicts_itself_or_is_missing_is_refused_at_its_field(data: dict[str, str], field: str) -> None:
    case = open_card_case(make_card(), payments=PAYMENTS[:1])
    item = ask(case, "email_survey")

    assert set(refusals(item, {"payment_1": "yes"} | data)) == {field}


def test_a_wrong_address_is_an_outcome_of_its_own() -> None:
    assert answer(ask(open_card_case(make_card()), "email_survey"), CALM | MOVED) == "address_wrong"


# --- decisions of staff -----------------------------------------------------------------------------------------------

DECISIONS = {
    "call_customer": (Role.SUPPORT, {"reached", "not_reached"}),
    "correct_address": (Role.SUPPORT, {"corrected", "given_up"}),
    "identify_at_branch": (Role.SUPPORT, {"matched", "mismatch", "not_seen"}),
    "identify_remotely": (Role.SUPPORT, {"matched", "mismatch", "not_seen"}),
    "approve_reissue": (Role.APPROVER, {"approved", "rejected"}),
    "hand_over_at_branch": (Role.SUPPORT, {"collected", "not_collected"}),
    "resolve_failure": (Role.SUPERVISOR, {"retry", "give_up"}),
}


@pytest.mark.parametrize("kind", sorted(DECISIONS))
def test_a_decision_needs_a_known_outcome_and_a_reason(kind: str) -> None:
    role, _outcomes = DECISIONS[kind]
    item = ask(open_card_case(make_card()), kind)
    by = actor(make_staff(role=role))

    assert set(refusals(item, {}, by=by)) == {"outcome", "reason"}
    assert set(refusals(item, {"outcome": "expired", "reason": "late"}, by=by)) == {"outcome"}


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [(kind, outcome) for kind, (_role, outcomes) in DECISIONS.items() for outcome in sorted(outcomes)],
)
def test_each_decision_reaches_the_process_with_its_reason(kind: str, outcome: str) -> None:
    item = ask(open_card_case(make_card()), kind)
    if outcome == "corrected":
        moved(item.case)
    data = {"outcome": outcome, "reason": "because", "document": "passport", "document_last": "A1B2"}

    done = answering.answer(item_id=item.id, by=actor(make_staff(role=DECISIONS[kind][0])), data=data)

    assert done.outcome == outcome
    told = Command.objects.get(case=item.case, signal="answered").payload
    assert (told["outcome"], told["facts"]) == (outcome, {})
    assert item.case.timeline.get(kind="item.answered").reason == "because"


def moved(case: Case) -> None:
    contact_points.supersede(
        customer=case.customer,
        kind=ContactKind.POSTAL,
        value=make_address("Elders 1"),
        how="call",
        by=system(),
        now=datetime.now(UTC) + timedelta(seconds=1),
    )


def test_an_address_is_not_corrected_before_it_has_changed() -> None:
    item = ask(open_card_case(make_card()), "correct_address")

    errors = refusals(item, {"outcome": "corrected", "reason": "done"}, by=actor(make_staff()))

    assert errors == {"outcome": ["The address on file has not changed since this was asked."]}


@pytest.mark.parametrize("data", [{}, {"document": "passport"}, {"document_last": "A1B2"}])
def test_a_match_names_the_document(data: dict[str, str]) -> None:
    item = ask(open_card_case(make_card()), "identify_at_branch")

    errors = refusals(item, {"outcome": "matched", "reason": "seen"} | data, by=actor(make_staff()))

    assert set(errors) == {"document", "document_last"} - set(data)


def test_no_more_than_four_signs_of_a_document_are_taken() -> None:
    item = ask(open_card_case(make_card()), "identify_at_branch")
    data = {"outcome": "matched", "reason": "seen", "document": "passport", "document_last": "NX1234567"}

    assert set(refusals(item, data, by=actor(make_staff()))) == {"document_last"}


# --- activation -------------------------------------------------------------------------------------------------------


def test_only_the_last_four_of_the_new_card_activate_it() -> None:
    card = make_card(last_four="1111")
    case = open_card_case(card)
    order(case)
    item = ask(case, "activate_card")

    for wrong in ("1111", "0000"):
        errors = refusals(item, {"last_four": wrong})
        assert errors == {"last_four": ["These are not the last four digits of the card that we sent you."]}
    for unreadable in ("", "55555", "55a5", "555"):
        assert set(refusals(item, {"last_four": unreadable})) == {"last_four"}
    assert answer(item, {"last_four": "5555"}) == "activated"
    item.refresh_from_db()
    assert item.answer == {}


def test_no_card_is_activated_before_there_is_one() -> None:
    item = ask(open_card_case(make_card()), "activate_card")

    assert set(refusals(item, {"last_four": "5555"})) == {"last_four"}


def test_the_last_digits_of_a_new_card_cannot_be_guessed_through() -> None:
    case = open_card_case(make_card(last_four="1111"))
    order(case)
    item = ask(case, "activate_card")
    for guess in range(5):
        refusals(item, {"last_four": f"000{guess}"})

    with pytest.raises(Conflict) as refused:
        answer(item, {"last_four": "5555"})

    assert refused.value.code == "too_many_tries"


def test_a_new_card_is_not_activated_while_guesses_cannot_be_counted() -> None:
    case = open_card_case(make_card(last_four="1111"))
    order(case)
    item = ask(case, "activate_card")

    with cache_away(), pytest.raises(CannotCount):
        answer(item, {"last_four": "5555"})

    assert answer(item, {"last_four": "5555"}) == "activated"


def a_card_with_the_number_of_the_old_one() -> tuple[Case, WorkItem]:
    """The old one is valid until 09/28, the new one until 09/31."""
    old = make_card(last_four="5555", expiry_month=9, expiry_year=2028)
    case = open_card_case(old, reason=Reason.DAMAGED)
    order(case)
    return case, ask(case, "activate_card")


def test_where_the_number_stays_the_new_date_activates_the_card() -> None:
    case, item = a_card_with_the_number_of_the_old_one()

    form = catalogue.answering(item).form_for(item, by=customer_actor(case.customer))
    assert list(form.fields) == ["expiry"]
    assert "last_four" not in refusals(item, {"last_four": "5555"})
    assert refusals(item, {"expiry": "10/31"}) == {"expiry": ["This is not the date on the card that we sent you."]}
    [sentence] = refusals(item, {"expiry": "09/28"})["expiry"]
    assert "on your old card" in sentence
    assert answer(item, {"expiry": "09/31"}) == "activated"
    item.refresh_from_db()
    assert item.answer == {}


@pytest.mark.parametrize(
    "typed",
    ["09/31", "9/31", " 09 / 31 ", "09/2031", "0931", "092031", "9-31", "09.31", "\uff10\uff19\u2013\uff13\uff11"],
)
def test_the_date_may_be_typed_as_people_type_it(typed: str) -> None:
    assert expiry.read(typed) == "09/31"


@pytest.mark.parametrize(
    "typed", ["", "31", "931", "13/31", "00/31", "09/1931", "31/09", "2031-09", "09/31/31", "September 31"]
)
def test_what_is_no_month_and_year_is_refused_at_its_field(typed: str) -> None:
    _case, item = a_card_with_the_number_of_the_old_one()

    assert set(refusals(item, {"expiry": typed})) == {"expiry"}


def test_dates_of_a_new_card_cannot_be_guessed_through() -> None:
    _case, item = a_card_with_the_number_of_the_old_one()
    for month in range(1, 6):
        refusals(item, {"expiry": f"{month:02d}/31"})

    with pytest.raises(Conflict) as refused:
        answer(item, {"expiry": "09/31"})

    assert refused.value.code == "too_many_tries"


def test_a_second_card_with_a_number_of_its_own_is_activated_by_it() -> None:
    case, item = a_card_with_the_number_of_the_old_one()
    with changing(case.id) as locked:
        again = dataclasses.replace(issued("ic_second"), last_four="6666")
        ordering.reshipped(locked, again, by=system(), now=datetime.now(UTC))

    assert set(refusals(item, {"expiry": "09/31"})) == {"last_four"}
    assert answer(item, {"last_four": "6666"}) == "activated"


# --- a letter without news --------------------------------------------------------------------------------------------


def test_who_holds_the_card_activates_it_early_and_the_process_hears_of_it() -> None:
    case, new = a_posted_card()
    item = ask(case, "activate_early")

    assert set(refusals(item, {"last_four": "0000"})) == {"last_four"}
    assert answer(item, {"last_four": new.last_four}) == "activated"
    told = Command.objects.get(case=case, signal="happened").payload
    assert (told["kind"], told["facts"]) == ("card_in_hand", {"posting": 1})


def test_a_card_that_was_blocked_meanwhile_is_not_activated() -> None:
    case, new = a_posted_card()
    item = ask(case, "activate_early")
    Card.objects.filter(pk=new.pk).update(state=CardState.BLOCKED)

    with pytest.raises(Conflict, match="blocked meanwhile"):
        answer(item, {"last_four": new.last_four})
    assert not Command.objects.filter(case=case, signal="happened").exists()


@pytest.mark.parametrize(("came", "outcome"), [("yes", "came"), ("no", "not_come")])
def test_the_customer_says_whether_the_card_has_come(came: str, outcome: str) -> None:
    case, _new = a_posted_card()
    item = ask(case, "letter_came")

    assert set(refusals(item, {"came": "perhaps"})) == {"came"}
    assert answer(item, {"came": came}) == outcome


def a_posted_card() -> tuple[Case, Card]:
    old = make_card()
    case = open_card_case(old)
    new = make_card(customer=old.customer, state=CardState.INACTIVE)
    CardReissue.objects.filter(case=case).update(new_card=new, postings=1)
    return case, new
