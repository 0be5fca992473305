"""The pages of a call-back: the customer's, the public one, and the supervisors'."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from backoffice.api.shapes import CaseShape
from backoffice.calls import tasks
from backoffice.calls.back import asking, words
from backoffice.calls.back.models import CallBack, CallBackState, StaffedQuarter
from backoffice.cases import answering
from backoffice.cases.models import Case, Event
from backoffice.celery import app as celery_app
from backoffice.references import new_reference
from backoffice.refusals import Conflict
from backoffice.sealed import seal
from backoffice.staff.models import Role
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Direction
from backoffice.ui import states
from tests.calls.call_backs import QUARTER, Agreed, announced, key_of, number_of, of_ourselves, tomorrow
from tests.factories import make_card, make_customer, make_staff, now, sign_in
from tests.playing import advance, ask, open_card_case
from workflows.base.contracts import Close

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def agreed() -> Agreed:
    return announced()


def of(case: Case, name: str = "call") -> str:
    return reverse(f"portal:call_back:{name}", args=[case.reference])


def case_of(case: Case) -> str:
    return reverse("portal:case", args=[case.reference])


def customer_of(agreed: Agreed) -> Client:
    account = agreed.case.customer.user
    assert account is not None
    return sign_in(Client(), account)


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- the customer -----------------------------------------------------------------------------------------------------


def test_the_page_says_at_each_moment_who_calls_and_whether_it_is_us(agreed: Agreed) -> None:
    client = customer_of(agreed)
    page = text_of(client.get(of(agreed.case)))
    assert "Nobody is calling you about this now" in page
    assert "The cards team" in page
    assert f"name the case {agreed.case.reference}" in page
    assert number_of(agreed.case.customer).value not in page
    assert number_of(agreed.case.customer).masked in page

    agreed.prepare()
    assert "Hanna of the cards team" in text_of(client.get(of(agreed.case)))
    agreed.dial()
    assert "Hanna of the cards team is calling you now" in text_of(client.get(of(agreed.case)))
    agreed.press(CallState.ANSWERED)
    page = text_of(client.get(of(agreed.case)))
    assert "is talking to you now" in page
    assert "Choose another time" not in page
    agreed.press(CallState.ENDED)
    page = text_of(client.get(of(agreed.case)))
    assert "The call has ended" in page
    assert "Choose another time" not in page
    assert "We call you on" not in text_of(client.get(case_of(agreed.case)))
    agreed.wrap_up("rings_back")
    assert f"Name the case {agreed.case.reference}" in text_of(client.get(of(agreed.case)))
    CallBack.objects.update(place_kept_until=now() - timedelta(seconds=1))
    assert "No time is agreed yet" in text_of(client.get(of(agreed.case)))
    CallBack.objects.update(state=CallBackState.OVER)
    assert "Nobody calls you about this any more" in text_of(client.get(of(agreed.case)))
    Case.objects.update(state="frozen")
    assert "This is paused" in text_of(client.get(of(agreed.case)))


def test_a_call_of_which_nobody_has_said_lately_that_it_goes_on_cannot_be_checked(agreed: Agreed) -> None:
    agreed.prepare()
    agreed.dial()
    agreed.press(CallState.ANSWERED)
    long_ago = now() - timedelta(seconds=16)
    times = {"answered": long_ago.isoformat()}
    Call.objects.update(announced_at=long_ago, seen_at=long_ago, times=times)

    page = text_of(customer_of(agreed).get(of(agreed.case)))

    assert "We cannot check now: do not talk If you are on the telephone" in page
    assert "is talking to you now" not in page


def test_the_page_vouches_for_nobody_who_rang_us(agreed: Agreed) -> None:
    agreed.prepare()
    agreed.dial()
    agreed.press(CallState.ANSWERED)
    Call.objects.update(direction=Direction.IN)

    page = text_of(customer_of(agreed).get(of(agreed.case)))

    assert "Somebody rang our number about this, and talks to Hanna" in page
    assert "Did somebody call you? Then it is not us: hang up, give them no code" in page
    assert "We are calling" not in words.headline(agreed.row.case).lead
    assert "is talking to you now" not in page


def test_a_time_that_has_passed_and_a_wait_say_so(agreed: Agreed) -> None:
    client = customer_of(agreed)
    CallBack.objects.update(starts=now() - timedelta(hours=1), ends=now() - timedelta(minutes=45))
    assert "The agreed time has passed" in text_of(client.get(of(agreed.case)))
    CallBack.objects.update(state=CallBackState.OPEN, starts=None, ends=None, why_waits="quiet_hours")
    page = text_of(client.get(of(agreed.case)))
    assert "No time is agreed yet We do not call before 08:00 or after 21:00 by your clock." in page


def test_while_we_wait_for_the_customer_to_ring_us_every_face_says_that_it_is_their_turn(agreed: Agreed) -> None:
    client, until = customer_of(agreed), now() + timedelta(hours=20)
    CallBack.objects.update(state=CallBackState.RING_BACK, starts=None, ends=None, place_kept_until=until)
    advance(agreed.case, stage="ring_back", waiting_on="customer", waiting_until=until, withdraws=(agreed.item.step,))
    under = open_card_case(make_card(customer=agreed.case.customer))
    Case.objects.filter(pk=agreed.case.pk).update(parent=under, root=under)

    for case in (agreed.case, under):
        page = text_of(client.get(case_of(case)))
        assert "Your turn Ring us on" in page
        assert f"name the case {agreed.case.reference}. Then we go on where we were. at the latest" in page
        assert "Nothing waits for you" not in page
        assert CaseShape(Case.objects.get(pk=case.pk)).data["waiting_on"] == "customer"
        desk = states.for_staff(Case.objects.get(pk=case.pk))
        assert (desk.words, desk.says.partition(".")[0]) == ("Waiting on the customer", "We wait for the customer")
    listed = text_of(client.get(reverse("portal:cases")))
    assert "Your turn" in listed
    assert "Our call to you: My cards" in text_of(client.get(case_of(agreed.case)))
    CallBack.objects.update(place_kept_until=now() - timedelta(seconds=1))
    assert "Your turn" not in text_of(client.get(case_of(under)))


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (CallState.VOICEMAIL, "We called you and reached your voicemail"),
        (CallState.NOT_ANSWERED, "We called you and did not reach you"),
    ],
)
def test_who_was_not_reached_reads_so_and_that_we_try_again(agreed: Agreed, state: CallState, says: str) -> None:
    client = customer_of(agreed)
    agreed.dial()
    agreed.press(state)
    assert f"{says} We write to you about what comes next." in text_of(client.get(of(agreed.case)))
    assert f"{says}. Nobody calls you about this now." in text_of(client.get(case_of(agreed.case)))
    agreed.wrap_up("not_reached")
    page = text_of(client.get(of(agreed.case)))

    assert "No time is agreed yet We called you, did not reach you, and try again." in page
    assert "Choose a time" in page
    assert "Choose another time" not in page


def test_who_wants_no_call_reads_at_its_end_that_they_wanted_none(agreed: Agreed) -> None:
    advance(agreed.case, close=Close("rejected", "declined"), compensating=True)

    page = text_of(customer_of(agreed).get(case_of(agreed.case)))

    assert "You do not want to be called about this, so nobody calls you." in page
    assert "We could not do this" not in page


def test_wherever_a_time_is_chosen_it_says_which_is_the_earliest_and_why_not_at_once(agreed: Agreed) -> None:
    client = customer_of(agreed)
    ours = of_ourselves(agreed.case.customer, about=str(open_card_case(make_card(customer=agreed.case.customer)).id))
    item = ask(ours, "choose_window", stage="slot")
    pages = (
        reverse("portal:open", args=["call_back"]),
        reverse("portal:item", args=[item.id]),
        of(agreed.case, "move"),
    )
    for address in pages:
        page = text_of(client.get(address))
        assert "We need 30 minutes to prepare. The earliest time is" in page
        assert "Do you want to talk at once? Call us on" in page
    assert "We would like to call you about this: Your new card." in text_of(client.get(pages[1]))


def test_looking_changes_nothing_and_news_comes_only_when_there_is_any(agreed: Agreed) -> None:
    client, events = customer_of(agreed), Event.objects.count()
    version = client.get(of(agreed.case)).context["version"]

    assert client.get(of(agreed.case, "status"), {"seen": version}).status_code == 204
    for name in ("move", "call_off"):
        assert client.get(of(agreed.case, name)).status_code == 200
    assert client.post(of(agreed.case)).status_code == 405
    assert Event.objects.count() == events
    agreed.dial()
    assert "calling you now" in text_of(client.get(of(agreed.case, "status"), {"seen": version}))


@pytest.mark.parametrize("name", ["call", "status", "move", "call_off"])
def test_another_customer_s_call_does_not_exist(agreed: Agreed, name: str) -> None:
    account = make_customer().user
    assert account is not None

    assert sign_in(Client(), account).get(of(agreed.case, name)).status_code == 404
    assert Client().get(of(agreed.case, name)).status_code == 302


def test_it_is_moved_and_called_off_on_its_pages(agreed: Agreed) -> None:
    client, later = customer_of(agreed), agreed.starts + QUARTER
    wrong = client.post(of(agreed.case, "move"), {"window": "x"})
    assert (wrong.status_code, "no longer free" in text_of(wrong)) == (400, True)
    assert client.post(of(agreed.case, "move"), {"window": key_of(later)}).status_code == 302
    assert agreed.row.starts == later
    assert client.post(of(agreed.case, "call_off"), {}).status_code == 400
    assert client.post(of(agreed.case, "call_off"), {"how": "for_good"}).status_code == 302
    assert Event.objects.filter(kind="call_back.declined").exists()
    assert client.get(of(agreed.case, "move")).status_code == 409


# --- the public page --------------------------------------------------------------------------------------------------


def test_whatever_is_typed_the_public_page_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(celery_app, "send_task", lambda name, **options: sent.append((name, options)))
    case = open_card_case(make_card())
    digits = number_of(case.customer).value[-3:]
    pages = [
        Client().post(reverse("portal:call_back:call_me"), {"reference": reference, "last_three": last})
        for reference, last in ((case.reference, digits), (case.reference, "999"), ("K7Q-4MX-2", "1"), ("x", "y"))
    ]

    assert len({re.sub(r"nonce-\S+|nonce=\S+", "", text_of(page)) for page in pages}) == 1
    assert {page.status_code for page in pages} == {200}
    assert "We have your wish" in text_of(pages[0])
    assert len(sent) == 4
    assert case.reference not in str(sent)
    assert not CallBack.objects.exists()


def test_a_wish_with_the_right_digits_has_us_call_the_number_on_file_once() -> None:
    case = open_card_case(make_card())
    digits = number_of(case.customer).value[-3:]
    tasks.ask(seal(case.reference), seal("000" if digits != "000" else "111"), "request")
    tasks.ask(seal("K7Q-4MX-2"), seal(digits), "request")
    assert not CallBack.objects.exists()
    tasks.ask(seal(case.reference.lower()), seal(digits), "request")
    tasks.ask(seal(case.reference), seal(digits), "request")

    [opened] = CallBack.objects.all()
    assert (opened.about_id, opened.asked_by_customer, opened.point) == (case.id, False, None)
    assert opened.case.outbox.get(kind="start").payload["facts"] == {"soon": True}


def test_without_a_number_that_may_be_called_or_for_a_closed_case_nothing_is_opened() -> None:
    case = open_card_case(make_card())
    digits = number_of(case.customer).value[-3:]
    case.customer.contact_points.update(sim_swapped_at=now())
    tasks.ask(seal(case.reference), seal(digits), "request")
    closed = open_card_case(make_card())
    Case.objects.filter(pk=closed.pk).update(state="closed", closed_at=now())
    tasks.ask(seal(closed.reference), seal(number_of(closed.customer).value[-3:]), "request")

    assert not CallBack.objects.exists()


def test_too_many_wishes_are_refused_for_known_and_unknown_references_alike() -> None:
    case = open_card_case(make_card())
    for reference in (case.reference, "K7Q-4MX-2"):
        for number in range(5):
            asking.check(reference=reference, network=f"{reference}{number}", by=asking.anybody(""), now=now())
        with pytest.raises(Conflict, match="Too many") as refused:
            asking.check(reference=reference, network="other", by=asking.anybody(""), now=now())
        assert refused.value.field == "reference"
    for _number in range(5):
        asking.check(reference=new_reference(), network="one", by=asking.anybody(""), now=now())
    with pytest.raises(Conflict, match="Too many"):
        asking.check(reference=new_reference(), network="one", by=asking.anybody(""), now=now())


def test_what_is_missing_on_the_public_page_is_said_on_its_field() -> None:
    page = Client().post(reverse("portal:call_back:call_me"), {"reference": "", "last_three": ""})

    assert page.status_code == 400
    assert "Type the reference of the case." in text_of(page)
    assert "Type the last three digits" in text_of(page)


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_supervisors_staff_hours_and_see_the_weeks() -> None:
    client, day = sign_in(Client(), make_staff(role=Role.SUPERVISOR)), tomorrow().date().isoformat()
    address = reverse("admin:call_back:weeks")
    typed = {"role": Role.SUPPORT.value, "day": day, "starts": "10:00", "ends": "12:00", "agents": "3", "kept": ""}

    assert client.post(address, {**typed, "ends": "09:00"}).status_code == 400
    assert "Choose an end after" in text_of(client.post(address, {**typed, "ends": "09:00"}))
    assert client.post(address, typed).status_code == 302
    assert StaffedQuarter.objects.filter(agents=3, kept=0).count() == 8
    assert "10:00–12:00 3 0 0" in text_of(client.get(address))
    assert "All times are UTC." in text_of(client.get(address))
    assert sign_in(Client(), make_staff(role=Role.SUPPORT)).get(address).status_code == 403


def test_the_page_of_the_case_says_until_when_we_wait_and_why(agreed: Agreed) -> None:
    agreed.prepare()
    client = sign_in(Client(), agreed.agent)
    address = reverse("admin:desk_case", args=[agreed.case.reference])
    CallBack.objects.update(waits_until=now() + timedelta(hours=3), why_waits="day_spent")

    assert "we have called three times today" in text_of(client.get(address, follow=True))


def test_the_questions_about_a_call_have_their_own_headline() -> None:
    spoken = announced()
    spoken.speak()
    case = of_ourselves(spoken.case.customer, survey_of=str(spoken.case.id))

    client = customer_of(spoken)
    page = text_of(client.get(case_of(case)))
    assert "Two questions about our call" in page
    assert "we talked on the telephone about this: My cards. Two days after it we ask how it was." in page
    assert "We call you at the agreed time" not in page
    assert "Nobody calls you about this any more" in text_of(client.get(of(case)))
    item = ask(case, "call_survey")
    assert "We would like to know how it was." in text_of(client.get(case_of(case)))
    assert "about this: My cards. You need not answer." in text_of(client.get(reverse("portal:item", args=[item.id])))
    answering.answer(item_id=item.id, by=spoken.customer, data={"solved": "yes", "rated": "4"})
    assert "Thank you for your answer." in text_of(client.get(case_of(case)))
