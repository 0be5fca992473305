"""My cases and one case: whose turn it is, what comes next, how to stop it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.urls import reverse

from backoffice.cards.models import Card
from backoffice.cases.freezing import freeze, unfreeze
from backoffice.cases.models import Case, CaseState, Event, WaitingOn
from backoffice.cases.words import away
from backoffice.customers.models import Access
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, ask, close
from tests.portal.conftest import Person, make_person, open_blocked
from tests.visits import visiting
from workflows.base.contracts import SendNotice

pytestmark = pytest.mark.django_db


def page_of(person: Person, case: Case) -> str:
    return person.client.get(reverse("portal:case", args=[case.reference])).content.decode()


def test_the_cases_that_wait_for_the_customer_come_first(maria: Person, case: Case) -> None:
    ask(case, "prove_identity")
    newer = open_blocked(make_card(customer=maria.customer))
    over = open_blocked(make_card(customer=maria.customer))
    close(over)

    response = maria.client.get(reverse("portal:cases"))

    assert [one.family.case for one in response.context["live"]] == [case, newer]
    assert [one.family.case for one in response.context["closed"]] == [over]


def test_until_when_is_told_on_the_customers_clock(maria: Person, case: Case) -> None:
    maria.customer.time_zone = "Asia/Tokyo"
    maria.customer.save()
    item = ask(case, "prove_identity")
    item.due_at = datetime(2027, 1, 5, 16, 0, tzinfo=UTC)
    item.save()

    assert "Wednesday 6 January, 01:00 your time" in page_of(maria, case)


def test_the_next_steps_are_the_declared_ones_that_have_a_name_for_the_customer(maria: Person, case: Case) -> None:
    steps = maria.client.get(reverse("portal:case", args=[case.reference])).context["steps"]

    assert [(step.label, step.state) for step in steps] == [
        ("Card blocked", "done"),
        ("You were told", "current"),
        ("Your answers", "future"),
        ("We check them", "future"),
        ("New card ordered", "future"),
        ("New card by post", "future"),
        ("You activate it", "future"),
        ("Old card closed", "future"),
    ]


def test_an_optional_step_is_shown_only_once_it_is_reached(maria: Person, case: Case) -> None:
    advance(case, stage="visit")

    labels = [step.label for step in maria.client.get(reverse("portal:case", args=[case.reference])).context["steps"]]

    assert "We visit you" in labels
    assert "A second person checks" not in labels


def test_a_visit_under_the_case_is_the_customers_turn_in_the_case(maria: Person, case: Case) -> None:
    visit = visiting.visit_under(case)
    ask(visit, "choose_visit")

    page = page_of(maria, case)

    assert "Your turn" in page
    assert "Choose when we visit you" in page


def test_an_answer_that_is_still_processed_reads_as_our_turn(maria: Person, case: Case) -> None:
    from tests.factories import totp_code

    item = ask(case, "prove_identity")
    maria.client.post(reverse("portal:confirm", args=[item.id]), {"code": totp_code(maria.secret)})

    assert "Our turn" in page_of(maria, case)


@pytest.mark.parametrize(
    ("waiting_on", "sentence"),
    [
        (WaitingOn.US, "We are working on it"),
        (WaitingOn.OTHERS, "We wait for somebody else now"),
        (WaitingOn.NOBODY, "There is nothing to do now"),
    ],
)
def test_what_is_said_between_two_turns_is_true_of_who_is_waited_for(
    maria: Person, case: Case, waiting_on: str, sentence: str
) -> None:
    Case.objects.filter(pk=case.pk).update(waiting_on=waiting_on)

    assert sentence in page_of(maria, case)


def test_an_outside_system_that_is_away_is_said(maria: Person, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(waits_for="issuer")

    page = page_of(maria, case)

    assert f"{away(case.process, 'issuer')}. You need do nothing now." in page


def test_messages_and_answers_are_in_the_timeline_in_words(maria: Person, case: Case) -> None:
    advance(case, notices=(SendNotice("card_blocked"),))

    page = page_of(maria, case)

    assert "We wrote to you. It says that we blocked a card." in page
    assert "card_blocked" not in page


def test_a_paused_case_says_so_and_cannot_be_stopped(maria: Person, case: Case) -> None:
    ask(case, "prove_identity")
    freeze(case_id=case.id, by=actor(make_staff()), reason="suspicion")

    page = page_of(maria, case)

    assert "Paused" in page
    assert "You can stop it once it goes on" in page


def test_an_open_page_is_told_only_what_has_changed(maria: Person, case: Case) -> None:
    address = reverse("portal:status", args=[case.reference])
    seen = {"seen": str(Case.objects.get(id=case.id).events)}

    before = maria.client.get(address, seen)
    ask(case, "prove_identity")
    after = maria.client.get(address, seen)

    assert before.status_code == 204
    assert after.status_code == 200
    assert "Confirm that it is you" in after.content.decode()


def test_a_closed_case_is_not_looked_at_again(maria: Person, case: Case) -> None:
    close(case)

    assert "hx-get" not in page_of(maria, case)


def test_stopping_asks_first_and_says_what_it_means(maria: Person, case: Case) -> None:
    page = maria.client.get(reverse("portal:stop", args=[case.reference])).content.decode()

    case.refresh_from_db()
    assert "No new card is made" in page
    assert case.state == CaseState.OPEN


def test_stopping_stops_once(maria: Person, case: Case) -> None:
    address = reverse("portal:stop", args=[case.reference])

    responses = [maria.client.post(address) for _ in range(2)]

    case.refresh_from_db()
    assert [response.status_code for response in responses] == [302, 302]
    assert case.state == CaseState.STOPPING
    assert Event.objects.filter(case=case, kind="case.withdraw_requested").count() == 1


def test_past_the_point_of_no_return_the_page_says_why_it_cannot_be_stopped(maria: Person, case: Case) -> None:
    advance(case, no_return=True)

    refused = maria.client.post(reverse("portal:stop", args=[case.reference]))

    assert "It is too late to stop this" in page_of(maria, case)
    assert refused.status_code == 409
    assert "It is too late to stop this" in refused.content.decode()


def test_who_contacted_me_shows_every_message_with_its_check_code(maria: Person, case: Case) -> None:
    advance(case, notices=(SendNotice("card_blocked"),))
    from backoffice.trust.models import Contact

    contact = Contact.objects.filter(case_id=case.id).first()
    assert contact is not None

    everything = maria.client.get(reverse("portal:contacts")).content.decode()

    assert contact.reference in everything
    assert contact.reference in page_of(maria, case)


def test_a_call_to_us_says_from_where_and_not_that_the_customer_made_it(maria: Person) -> None:
    from backoffice.trust.models import Contact

    Contact.objects.create(
        customer=maria.customer,
        channel="call",
        direction="in",
        purpose="call_in",
        address_masked="+31 ••• ••00",
        at=datetime.now(UTC),
    )

    said = " ".join(maria.client.get(reverse("portal:contacts")).content.decode().split())

    assert "Telephone call to us" in said
    assert "from +31 ••• ••00" in said
    assert "from you" not in said


def test_the_list_of_contacts_goes_on_page_by_page(maria: Person, case: Case) -> None:
    from backoffice.portal.views.contacts import CONTACTS_A_PAGE
    from backoffice.trust.models import Contact

    at = datetime.now(UTC)
    Contact.objects.bulk_create(
        Contact(customer=maria.customer, channel="mail", purpose="case_done", at=at - timedelta(minutes=number))
        for number in range(CONTACTS_A_PAGE + 3)
    )

    first = maria.client.get(reverse("portal:contacts"))
    second = maria.client.get(reverse("portal:contacts"), {"after": first.context["page"].after})

    assert len(first.context["page"].rows) == CONTACTS_A_PAGE
    assert len(second.context["page"].rows) == 3
    assert maria.client.get(reverse("portal:contacts"), {"after": "x"}).status_code == 400


def test_every_page_says_who_is_signed_in(maria: Person, case: Case) -> None:
    for name, args in (("cases", []), ("case", [case.reference]), ("contacts", []), ("start", [])):
        page = maria.client.get(reverse(f"portal:{name}", args=args)).content.decode()
        assert f"Signed in as {maria.customer.name}" in page


def test_the_first_page_shows_each_card_with_a_way_to_say_that_something_is_wrong(maria: Person) -> None:
    page = maria.client.get(reverse("portal:cases")).content.decode()

    assert f"····{maria.card.last_four}" in page
    assert "Something is wrong with this card" in page
    assert str(maria.card.public_id) in page


@pytest.mark.parametrize("name", ["cases", "open"])
def test_what_activates_a_card_stands_on_no_page_before(maria: Person, name: str) -> None:
    old = maria.card
    new = make_card(
        customer=maria.customer, replaces=old, last_four="7391", expiry_month=11, expiry_year=2037, state="inactive"
    )
    address = reverse(f"portal:{name}", args=["card_reissue"] if name == "open" else [])

    page = maria.client.get(address).content.decode()
    Card.objects.filter(pk=new.pk).update(state="active")
    after = maria.client.get(address).content.decode()

    assert "7391" not in page
    assert "11/2037" not in page
    assert "not yet activated" in page
    assert "7391" in after


def test_whom_to_call_is_said_with_the_hours(maria: Person, case: Case, settings: LazySettings) -> None:
    settings.COMPANY_PHONE, settings.COMPANY_PHONE_HOURS = "+31 20 555 0177", "on weekdays, 9:00 to 17:00"

    for address in (reverse("portal:cases"), reverse("portal:case", args=[case.reference])):
        page = maria.client.get(address).content.decode()
        assert 'href="tel:+31205550177"' in page
        assert "Somebody answers on weekdays, 9:00 to 17:00." in page


def test_a_long_history_is_folded_and_the_newest_stays_in_sight(maria: Person, case: Case) -> None:
    for _time in range(3):
        freeze(case_id=case.id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="suspicion")
        unfreeze(case_id=case.id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="Cleared on the telephone")

    page = page_of(maria, case)

    newest, folded = page.split('id="happened"')[1].split("Everything before")
    assert newest.count('<li class="timeline__event') == 4
    assert folded.count('<li class="timeline__event') >= 1


def test_customers_see_who_looked_at_their_own_data_and_why(maria: Person, case: Case) -> None:
    hanna, other = make_staff(role=Role.SUPPORT, first_name="Hanna", last_name="Bakker"), make_person()
    at = datetime.now(UTC)
    for whose, why in (
        (maria, {"case_id": case.id}),
        (maria, {"reason": "They rang about a bill"}),
        (other, {"reason": "Somebody else's reason"}),
    ):
        Access.objects.create(customer=whose.customer, user=hanna, at=at, until=at, **why)
    Access.objects.create(customer=maria.customer, user=hanna, at=at, refused=True, reason="Refused, so nobody saw it")

    page = maria.client.get(reverse("portal:looked")).content.decode()

    assert page.count("Hanna Bakker, support agent") == 2
    assert f"{case.reference}</a>" in page
    assert "“They rang about a bill”" in page
    assert not any(text in page for text in ("Somebody else", "Refused, so"))
    assert (
        "Nobody at our desk has opened your data" in make_person().client.get(reverse("portal:looked")).content.decode()
    )


def test_the_list_of_who_looked_goes_on_page_by_page(maria: Person) -> None:
    from backoffice.portal.views.contacts import LOOKS_A_PAGE

    hanna, at = make_staff(), datetime.now(UTC)
    Access.objects.bulk_create(
        Access(customer=maria.customer, user=hanna, at=at - timedelta(minutes=number), until=at, reason="A call")
        for number in range(LOOKS_A_PAGE + 2)
    )

    first = maria.client.get(reverse("portal:looked"))
    second = maria.client.get(reverse("portal:looked"), {"after": first.context["page"].after})

    assert [len(page.context["rows"]) for page in (first, second)] == [LOOKS_A_PAGE, 2]
