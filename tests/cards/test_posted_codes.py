from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.actors import Level, system
from backoffice.cards.reissue import posted_codes
from backoffice.cases import answering
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.messages.models import Message
from backoffice.trust import codes
from backoffice.trust.codes import CodeRefused
from tests.factories import make_address, make_card, make_customer
from tests.playing import ask, customer_actor, open_card_case

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(case: Case) -> str:
    """The code as `posted_codes.post` issues it; its clear text is only in the letter."""
    life = int(posted_codes.AT_HOME.total_seconds() // 60)
    return codes.issue(case_id=case.id, action=posted_codes.ACTION, minutes=life)[1]


def refusal(item: WorkItem, typed: str, *, now: datetime | None = None) -> str:
    by = customer_actor(item.case.customer, level=Level.CONFIRMED)
    with pytest.raises(CodeRefused) as refused:
        answering.answer(item_id=item.id, by=by, data={"code": typed}, now=now)
    return refused.value.sentence


def enter(item: WorkItem, typed: str) -> str:
    by = customer_actor(item.case.customer, level=Level.CONFIRMED)
    return answering.answer(item_id=item.id, by=by, data={"code": typed}).outcome


def test_the_code_in_the_letter_identifies_however_it_is_typed() -> None:
    case = open_card_case(make_card())
    item = ask(case, "enter_posted_code")
    clear = code_of(case)

    assert enter(item, f" {clear[:4].lower()}-{clear[4:]} ") == "matched"
    item.refresh_from_db()
    assert item.answer == {}


def test_wrong_late_used_and_foreign_codes_are_refused_in_the_same_words() -> None:
    wrong, late, used, other = (open_card_case(make_card()) for _ in range(4))
    items = [ask(case, "enter_posted_code") for case in (wrong, late, used)]
    typed_late, typed_used, typed_other = code_of(late), code_of(used), code_of(other)
    code_of(wrong)
    codes.use(case_id=used.id, action=posted_codes.ACTION, typed=typed_used)
    afterwards = datetime.now(UTC) + posted_codes.AT_HOME + timedelta(minutes=1)

    assert {
        refusal(items[0], typed_other),
        refusal(items[1], typed_late, now=afterwards),
        refusal(items[2], typed_used),
    } == {str(codes.REFUSED)}


def test_after_a_warning_the_fifth_wrong_code_blocks_it() -> None:
    case = open_card_case(make_card())
    item = ask(case, "enter_posted_code")
    clear = code_of(case)

    said = [refusal(item, "WRONGONE") for _ in range(5)]

    assert said == [str(codes.REFUSED)] * 3 + [str(codes.LAST_TRY), str(codes.BLOCKED)]
    assert refusal(item, clear) == str(codes.BLOCKED)


def test_a_right_code_after_four_wrong_ones_is_taken() -> None:
    case = open_card_case(make_card())
    item = ask(case, "enter_posted_code")
    clear = code_of(case)
    for _ in range(4):
        refusal(item, "WRONGONE")

    assert enter(item, clear) == "matched"


@pytest.mark.parametrize(("country", "days"), [("NL", 21), ("BE", 30)])
def test_the_letter_has_the_code_and_the_timeline_has_not(country: str, days: int) -> None:
    places = {
        "NL": make_address("Damrak 1"),
        "BE": make_address("Rue Haute 1", country="BE", postal_code="1000", town="Bruxelles"),
    }
    customer = make_customer(contacts={"mail": "letter@example.org", "postal": places[country]})
    case = open_card_case(make_card(customer=customer))
    now = datetime.now(UTC)
    with changing(case.id) as locked:
        until = posted_codes.post(locked, by=system(), now=now)

    assert until == now + timedelta(days=days)
    assert Message.objects.get(contact__case_id=case.id, contact__channel="letter")
    event = Event.objects.get(case=case, kind="card.code_posted")
    assert event.data == {}
