"""The code that goes to the new address: what the message says, and what the code is good for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.cases import answering
from backoffice.cases.models import Case, WorkItem
from backoffice.contact_changes import proving
from backoffice.contact_changes.models import ContactChange
from backoffice.customers.models import Customer
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, NotFound
from backoffice.trust import codes
from backoffice.trust.codes import CodeRefused
from backoffice.trust.models import Code, Contact
from tests.contact_changes.changing import NEW_HOME, ask_for_code, code_in, enter, open_change, sent
from tests.factories import make_customer, new_phone_number, now
from tests.playing import close, customer_actor

pytestmark = pytest.mark.django_db
PHONE = {"kind": "phone", "value": new_phone_number()}


def words_of(message: Message, frame: str = "mail") -> str:
    customer = message.contact.customer
    assert customer is not None
    words: composing.Words = getattr(composing, frame)(
        message.template,
        customer=customer,
        case_reference=message.contact.case_reference,
        check_code=message.contact.reference,
        context=message.context,
    )
    return words.text


@pytest.mark.parametrize(
    ("data", "channel", "frame", "lasts"),
    [
        ({"kind": "mail", "value": "new@example.net"}, "mail", "mail", timedelta(hours=24)),
        (PHONE, "sms", "sms", timedelta(minutes=10)),
        (NEW_HOME, "letter", "letter", timedelta(days=21)),
        (
            {"kind": "postal", "country": "PL", "line1": "Prosta 51", "code": "00-838", "town": "Warszawa"},
            *("letter", "letter", timedelta(days=30)),
        ),
    ],
)
def test_it_goes_to_the_new_address_alone_and_without_the_phrase(
    maria: Customer, data: dict[str, str], channel: str, frame: str, lasts: timedelta
) -> None:
    case = open_change(maria, data)
    ask_for_code(case)

    message = sent(case)
    text = words_of(message, frame)
    assert Message.objects.filter(template=proving.LETTER).count() == 1
    assert (message.contact.channel, message.point) == (channel, None)
    assert message.contact.address_masked == ContactChange.objects.get(case=case).masked
    assert code_in(message) in text
    assert maria.phrase not in text
    assert "Tell it to nobody" in text
    code = Code.objects.get(case_id=case.id)
    assert code.expires_at - code.issued_at == lasts


@pytest.mark.django_db(transaction=True)
def test_the_right_code_proves_it_however_it_is_typed_and_is_not_kept(maria: Customer) -> None:
    case = open_change(maria)
    item = ask_for_code(case)

    assert enter(item, f" {code_in(sent(case)).lower()} ") == "matched"
    item.refresh_from_db()
    assert item.answer == {}


@pytest.mark.django_db(transaction=True)
def test_five_wrong_codes_block_it_and_another_one_can_be_sent(maria: Customer) -> None:
    case = open_change(maria)
    item = ask_for_code(case)
    right = code_in(sent(case))

    said = [refusal(item, "WRONGONE") for _ in range(5)]

    assert said[3:] == [str(codes.LAST_TRY), str(codes.BLOCKED)]
    assert refusal(item, right) == str(codes.BLOCKED)
    assert proving.good_until(case, now=now()) is None
    proving.send_again(case_id=case.id, by=customer_actor(maria), now=now() + timedelta(minutes=6))
    assert enter(item, code_in(sent(case)), now=now() + timedelta(minutes=7)) == "matched"


@pytest.mark.django_db(transaction=True)
def test_a_late_code_and_one_for_another_change_are_refused_in_the_same_words(maria: Customer) -> None:
    case, other = open_change(maria), open_change(make_customer(), {"kind": "mail", "value": "new@example.net"})
    item, theirs = ask_for_code(case), ask_for_code(other)
    late = refusal(item, code_in(sent(case)), at=timedelta(hours=24, minutes=1))

    assert {late, refusal(theirs, code_in(sent(case)))} == {str(codes.REFUSED)}


def refusal(item: WorkItem, typed: str, *, at: timedelta = timedelta()) -> str:
    with pytest.raises(CodeRefused) as refused:
        answering.answer(item_id=item.id, by=customer_actor(item.case.customer), data={"code": typed}, now=now() + at)
    return refused.value.sentence


def again(case: Case, at: timedelta) -> str:
    """The refusal; empty when another one is sent."""
    try:
        proving.send_again(case_id=case.id, by=customer_actor(case.customer), now=now() + at)
    except Conflict as refused:
        return refused.code
    return ""


def test_another_code_is_sent_after_a_pause_and_makes_the_first_void(maria: Customer) -> None:
    case = open_change(maria, PHONE)
    ask_for_code(case)
    first = code_in(sent(case))

    assert again(case, timedelta(seconds=30)) == "no_code_now"
    assert again(case, timedelta(seconds=90)) == ""
    assert code_in(sent(case)) != first
    assert Code.objects.filter(case_id=case.id, void_at=None).count() == 1
    assert [again(case, timedelta(minutes=5 * n)) for n in range(1, 5)] == ["", "", "", "no_code_now"]


def test_a_letter_is_sent_again_after_five_days_and_three_times_in_all(maria: Customer) -> None:
    case = open_change(maria, NEW_HOME)
    ask_for_code(case)

    assert [again(case, timedelta(days=days)) for days in (4, 6, 12, 18)] == ["no_code_now", "", "", "no_code_now"]


def test_none_is_sent_before_the_customer_has_confirmed_after_the_end_or_to_a_stranger(maria: Customer) -> None:
    case = open_change(maria)
    assert again(case, timedelta()) == "not_awaited"
    ask_for_code(case)
    with pytest.raises(NotFound):
        proving.send_again(case_id=case.id, by=customer_actor(make_customer()))
    close(case, "withdrawn")

    assert again(case, timedelta(hours=1)) == "not_awaited"
    assert Contact.objects.filter(purpose=proving.LETTER).count() == 1
