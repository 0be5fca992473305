"""A second party: invited with or without an account, joining once, and seeing nothing before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from backoffice.cases import parties
from backoffice.cases.models import Case, Event, Party
from backoffice.cases.parties import Invited, Joining
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import User
from backoffice.trust.codes import CodeRefused
from tests.catalogue import installed
from tests.engine.bell import BELL
from tests.engine.conftest import make_bell
from tests.engine.ringing import open_bell
from tests.factories import make_customer
from tests.playing import customer_actor, outside_actor
from workflows.base.spec import PartyRole

pytestmark = pytest.mark.django_db

NEIGHBOUR = Invited("Ewa", "Nowak", "ewa.nowak@example.org")
PASSWORD = "seven-blue-kettles"


@pytest.fixture(autouse=True)
def _bell_with_a_party() -> Iterator[None]:
    cache.clear()
    bell = make_bell()
    spec = replace(BELL, parties=(PartyRole(name="neighbour", title="the neighbour"),))
    with installed(replace(bell, spec=spec)):
        yield


@pytest.fixture
def case() -> Case:
    return open_bell()


def invited(case: Case, whom: Invited = NEIGHBOUR) -> Party:
    with changing(case.id) as locked:
        return parties.invite(
            locked, role="neighbour", whom=whom, by=customer_actor(case.customer), now=datetime.now(UTC), field="mail"
        )


def code_in_the_mail() -> str:
    message = Message.objects.filter(template="party_invited").latest("pk")
    assert message.contact.customer
    text = composing.mail(
        message.template,
        customer=message.contact.customer,
        case_reference=message.contact.case_reference,
        check_code=message.contact.reference,
        context=message.context,
    ).text
    found = re.search(r"Your code: ([0-9A-Z-]+)", text)
    assert found, text
    return found[1]


def joining(case: Case, **other: str) -> Joining:
    typed = {
        "reference": case.reference,
        "mail": NEIGHBOUR.mail,
        "code": code_in_the_mail(),
        "username": "ewa",
        "password": PASSWORD,
    }
    return Joining(**{**typed, **other})


def test_who_has_no_account_gets_a_code_that_is_sealed_in_its_row(case: Case) -> None:
    party = invited(case)

    message = Message.objects.get(contact__customer=party.customer)
    assert (message.template, party.customer.user) == ("party_invited", None)
    assert code_in_the_mail() not in str(message.context)
    assert Event.objects.get(case=case, kind="party.invited").data == {"party": "neighbour"}


def test_who_has_an_account_is_asked_without_a_code(case: Case) -> None:
    known = make_customer(contacts={"mail": NEIGHBOUR.mail}, national_ids={})

    party = invited(case)

    assert party.customer == known
    assert Message.objects.get(contact__customer=known).template == "party_asked"


def test_the_code_opens_an_account_once(case: Case) -> None:
    party = invited(case)
    asked = joining(case)

    user, joined = parties.join(asked, address="192.0.2.1")

    party.refresh_from_db()
    assert (joined, party.customer.user) == (case, user)
    assert party.joined_at is not None
    assert user.check_password(PASSWORD)
    assert not user.is_staff
    assert party.customer.contact_points.get().verified_how == "enrolment_code"
    with pytest.raises(CodeRefused):
        parties.join(replace(asked, username="ewa2"), address="192.0.2.1")


@pytest.mark.parametrize(
    "wrong", [{"code": "2222-2222-2222-22"}, {"mail": "other@example.org"}, {"reference": "K7Q-4MX-2"}]
)
def test_whatever_is_wrong_the_words_are_the_same_and_nothing_is_opened(case: Case, wrong: dict[str, str]) -> None:
    invited(case)

    with pytest.raises(CodeRefused) as refused:
        parties.join(joining(case, **wrong), address="192.0.2.1")

    assert refused.value.sentence.startswith("This code does not work here.")
    assert not User.objects.filter(username="ewa").exists()


def test_a_code_is_good_for_a_day(case: Case) -> None:
    invited(case)

    with pytest.raises(CodeRefused):
        parties.join(joining(case), address="192.0.2.1", now=datetime.now(UTC) + timedelta(hours=24, seconds=1))


def test_a_new_code_voids_the_one_before(case: Case) -> None:
    invited(case)
    old = joining(case)

    parties.invite_again(reference=case.reference, mail=NEIGHBOUR.mail, by=outside_actor())

    with pytest.raises(CodeRefused):
        parties.join(old, address="192.0.2.1")
    assert parties.join(joining(case), address="192.0.2.1")


def test_asking_again_for_nobody_sends_nothing(case: Case) -> None:
    invited(case)
    before = Message.objects.count()

    parties.invite_again(reference=case.reference, mail="other@example.org", by=outside_actor())

    assert Message.objects.count() == before


def test_a_name_that_is_taken_and_a_weak_password_are_said_before_the_code_is_used(case: Case) -> None:
    User.objects.create_user("ewa")
    invited(case)

    with pytest.raises(Invalid) as invalid:
        parties.join(joining(case, password="ewa"), address="192.0.2.1")

    assert set(invalid.value.errors) == {"username", "password"}
    assert parties.join(joining(case, username="ewa.n"), address="192.0.2.1")


def test_ten_tries_an_hour_and_no_more(case: Case) -> None:
    invited(case)
    wrong = joining(case, reference="K7Q-4MX-2")
    for _try in range(10):
        with pytest.raises(CodeRefused):
            parties.join(wrong, address="192.0.2.1")

    with pytest.raises(Conflict, match="Too many tries"):
        parties.join(joining(case), address="192.0.2.1")


def test_nobody_is_the_other_party_to_their_own_case(case: Case) -> None:
    mail = case.customer.contact_points.get(kind="mail").value
    Customer.objects.filter(pk=case.customer_id).update(user=User.objects.create_user("own"))

    with pytest.raises(Invalid) as invalid:
        invited(case, replace(NEIGHBOUR, mail=mail))

    assert set(invalid.value.errors) == {"mail"}
    assert not Party.objects.exists()


def test_an_address_that_is_none_is_refused_on_its_field(case: Case) -> None:
    with pytest.raises(Invalid) as invalid:
        invited(case, replace(NEIGHBOUR, mail="ewa at example"))

    assert set(invalid.value.errors) == {"mail"}


def test_the_page_opens_the_account_and_leads_to_the_case(case: Case, client: Client) -> None:
    invited(case)
    asked = joining(case)
    form = {name: getattr(asked, name) for name in ("reference", "mail", "code", "username", "password")}

    assert client.get("/join/").status_code == 200
    answer = client.post("/join/", form)

    assert (answer.status_code, answer["Location"]) == (302, f"/portal/cases/{case.reference}/")
    assert client.session["_auth_user_id"] == str(User.objects.get(username="ewa").pk)


def test_a_wrong_code_stands_on_its_field_and_keeps_what_was_typed(case: Case, client: Client) -> None:
    invited(case)
    asked = joining(case, code="2222-2222-2222-22")
    form = {name: getattr(asked, name) for name in ("reference", "mail", "code", "username", "password")}

    answer = client.post("/join/", form)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "This code does not work here." in page
    assert case.reference in page


def test_the_page_for_a_new_code_answers_the_same_to_anybody(case: Case, client: Client) -> None:
    invited(case)

    answers = [
        client.post("/join/again/", {"reference": case.reference, "mail": mail}, follow=True).content.decode()
        for mail in (NEIGHBOUR.mail, "other@example.org")
    ]

    tidy = [re.sub(r'value="[^"]{40,}"|[A-Za-z0-9]{64}', "", page) for page in answers]
    assert tidy[0] == tidy[1]
    assert "a new code is on its way" in answers[0]


@pytest.mark.parametrize("typed", ["Ewa@Straße.example", "ewa@xn--strae-oqa.example", " ewa@straße.example\u200b"])
def test_a_party_is_known_by_their_address_in_either_form_of_its_domain(case: Case, typed: str) -> None:
    other = make_customer(contacts={"mail": "ewa@strasse.example"})
    known = make_customer(contacts={"mail": "ewa@straße.example"})

    party = invited(case, replace(NEIGHBOUR, mail=typed))

    assert party.customer == known != other


def test_a_party_gets_the_language_that_the_case_is_written_in(case: Case) -> None:
    case.customer.language = "pl"
    case.customer.save()

    assert invited(case).customer.language == "en"
