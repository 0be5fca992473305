"""The sample process in the portal: started, answered on two pages, followed, stopped there or by its own page."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.cases.models import Case, CaseState, Event, ItemState
from backoffice.trust.models import Contact
from tests.factories import now, totp_code
from tests.playing import advance, ask
from tests.portal.conftest import Person, make_person
from tests.sample.conftest import OPENING, open_handover
from tests.sample.playing import announce

pytestmark = pytest.mark.django_db
STOP = "/portal/lockers/stop/"


@pytest.fixture
def maria() -> Person:
    return make_person()


@pytest.fixture
def hers(maria: Person) -> Case:
    return open_handover(maria.customer)


def page_of(person: Person, name: str, *args: object) -> str:
    return person.client.get(reverse(f"portal:{name}", args=args)).content.decode()


def test_it_is_on_the_menu_and_its_form_opens_a_case(maria: Person) -> None:
    assert "Give my locker to somebody else" in page_of(maria, "start")
    page = page_of(maria, "open", "locker_handover")
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page)
    assert key is not None

    sent = {"key": key[1], **OPENING}
    response: Any = maria.client.post(reverse("portal:open", args=["locker_handover"]), sent)

    case = Case.objects.get()
    assert response.headers["Location"] == reverse("portal:case", args=[case.reference])
    assert (case.process, case.subject) == ("locker_handover", "Locker 12")


def test_what_is_wrong_is_said_on_its_field_and_nothing_is_opened(maria: Person) -> None:
    sent = {"key": str(uuid.uuid4()), **OPENING, "locker": "999"}

    response: Any = maria.client.post(reverse("portal:open", args=["locker_handover"]), sent)

    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"locker"}
    assert not Case.objects.exists()


def test_while_one_is_under_way_the_menu_says_so(maria: Person, hers: Case) -> None:
    assert "A handover is under way already." in page_of(maria, "start")


def test_the_page_of_the_case_has_its_headline_steps_and_timeline(maria: Person, hers: Case) -> None:
    advance(hers, stage="agreed")

    page = page_of(maria, "case", hers.reference)

    assert "Your locker for somebody else" in page
    assert "You both agree" in page
    assert "We opened this case." in page


def test_the_form_of_two_pages_is_answered_after_a_confirmation(maria: Person, hers: Case) -> None:
    item = ask(hers, "agree", stage="agreed")
    maria.client.post(reverse("portal:confirm", args=[item.id]), {"code": totp_code(maria.secret)})

    assert "What is in it" in page_of(maria, "page", item.id, 1)
    maria.client.post(reverse("portal:page", args=[item.id, 1]), {"emptied": "yes", "keys": "2"})
    assert "Your agreement" in page_of(maria, "page", item.id, 2)
    maria.client.post(reverse("portal:page", args=[item.id, 2]), {"where": "home", "decision": "agreed"})
    response = maria.client.post(reverse("portal:check", args=[item.id]))

    item.refresh_from_db()
    assert response.headers["Location"] == reverse("portal:done", args=[item.id])
    assert (item.state, item.outcome) == (ItemState.ANSWERED, "agreed")


def test_a_page_refuses_what_contradicts_itself(maria: Person, hers: Case) -> None:
    item = ask(hers, "agree", stage="agreed")
    maria.client.post(reverse("portal:confirm", args=[item.id]), {"code": totp_code(maria.secret)})
    maria.client.post(reverse("portal:page", args=[item.id, 1]), {"emptied": "no", "keys": "2"})

    sent = {"where": "home", "decision": "agreed"}
    response: Any = maria.client.post(reverse("portal:page", args=[item.id, 2]), sent)

    item.refresh_from_db()
    assert "Empty it first" in response.content.decode()
    assert item.state == ItemState.OPEN


def test_the_customer_stops_it_and_is_told_what_that_means(maria: Person, hers: Case) -> None:
    assert "The locker stays yours" in page_of(maria, "stop", hers.reference)

    maria.client.post(reverse("portal:stop", args=[hers.reference]))

    hers.refresh_from_db()
    assert hers.state == CaseState.STOPPING


class TestItsOwnPage:
    """Stopped without signing in, by the code of the message that announces the handover."""

    @pytest.fixture
    def message(self, hers: Case) -> Contact:
        return announce(hers, until=now() + timedelta(days=5))

    def test_the_code_of_the_message_stops_it(self, hers: Case, message: Contact) -> None:
        page = Client().post(STOP, {"code": message.reference.lower()}).content.decode()

        hers.refresh_from_db()
        event = Event.objects.get(kind="case.withdraw_requested")
        assert "It is stopped" in page
        assert (hers.state, event.channel, event.proof) == (CaseState.STOPPING, "mail_link", "message code")

    def test_any_other_code_stops_nothing(self, hers: Case, message: Contact) -> None:
        for code in (hers.reference, "nonsense", "\0", ""):
            response = Client().post(STOP, {"code": code})

            assert response.status_code == 400
        hers.refresh_from_db()
        assert hers.state == CaseState.OPEN

    def test_once_it_is_handed_over_it_is_too_late(self, hers: Case, message: Contact) -> None:
        advance(hers, no_return=True)

        page = Client().post(STOP, {"code": message.reference}).content.decode()

        assert "It is too late to stop this" in page

    def test_many_tries_from_one_address_are_refused(self, message: Contact) -> None:
        pages = [Client().post(STOP, {"code": "K7Q-4MX-2"}).content.decode() for _try in range(11)]

        assert "Too many tries" not in pages[9]
        assert "Too many tries" in pages[10]
