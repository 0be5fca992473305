"""The pages: one press for who is rung now, what to do in steps, the analyst's desk, the agent at the door."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.cases.models import Case, CaseState
from backoffice.customers.models import Customer
from backoffice.staff.models import Role
from backoffice.suspicions import deciding
from backoffice.suspicions.models import GroupState, Match, Proof, Report, Source, Suspicion
from backoffice.trust import warnings
from backoffice.visits import calling_off
from tests.factories import make_customer, make_staff, now, sign_in
from tests.playing import customer_actor
from tests.suspicions.conftest import SMISH, TWIN, reports, sensitive_case, strange
from tests.trust.pasting import send
from tests.ui.sessions import form_on
from tests.visits.visiting import agreed, free_slot, visit_under

REPORT = reverse("portal:suspicious_contact:report")


@pytest.fixture
def hers(maria: Customer, client: Client) -> Client:
    assert maria.user is not None
    return sign_in(client, maria.user)


def key() -> str:
    return str(uuid.uuid4())


def test_one_press_is_enough_for_who_is_on_the_telephone(hers: Client, maria: Customer) -> None:
    card = sensitive_case(maria)

    page = hers.post(REPORT, {"now": "yes", "key": key()}, follow=True).content.decode()

    card.refresh_from_db()
    assert card.state == CaseState.FROZEN
    assert "This is not from us. Hang up, and do not answer." in page
    assert "We paused 1 open case of yours." in page
    assert "Hang up, or do not answer. You need not be polite." in page
    report = Report.objects.get()
    assert (report.is_on_now, report.match, report.contact.channel) == (True, Match.NOT_OURS, "call")
    assert report.contact.reference in page


def test_the_menu_leads_to_the_page_of_one_press(hers: Client) -> None:
    page = hers.get("/portal/open/").content.decode()

    assert 'href="/portal/report/"' in page
    assert "/portal/open/suspicious_contact/" not in page


def test_the_same_press_twice_is_one_report(hers: Client) -> None:
    sent = {"now": "yes", "key": key()}

    for _ in range(2):
        assert hers.post(REPORT, sent, follow=True).status_code == 200

    assert Report.objects.count() == 1


def test_a_message_of_ours_is_told_with_what_it_was(hers: Client, maria: Customer) -> None:
    sent = send(maria, "mail", now=now())

    told = {"how": "mail", "text": sent.text, "sender": "", "key": key()}
    page = hers.post(REPORT, told, follow=True).content.decode()

    assert "Yes, this is from us" in page
    assert 'id="what-to-do"' not in page


def test_what_was_given_away_changes_the_steps(hers: Client, maria: Customer) -> None:
    case = reports(maria).case
    assert case is not None
    given = reverse("portal:suspicious_contact:given", args=[case.reference])

    nothing = hers.post(given, {}, follow=True).content.decode()
    page = hers.post(given, {"gave": ["password", "card"]}, follow=True).content.decode()

    assert "Choose what happened" in nothing
    assert "Have the card blocked and replaced." in page
    assert reverse("account_change_password") in page
    assert hers.get(given).status_code == 405


def test_another_customers_report_does_not_exist(hers: Client) -> None:
    case = reports(make_customer()).case
    assert case is not None

    answer = hers.post(reverse("portal:suspicious_contact:given", args=[case.reference]), {"gave": ["card"]})

    assert answer.status_code == 404
    assert Client().get(REPORT).status_code == 302


def test_what_goes_round_stands_on_the_customers_first_page_and_names_nobody(maria: Customer, hers: Client) -> None:
    at_desk = sign_in(Client(), make_staff(role=Role.COMPLIANCE))
    group = reports(make_customer(), strange(SMISH)).group
    assert group is not None
    decide(at_desk, group)

    page = hers.get(reverse("portal:cases")).content.decode()

    assert "This is going round. It is not from us." in page
    assert "A text message says that a parcel waits" in page
    assert 'href="https://parcel' not in page


def decide(desk: Client, group: Suspicion, **changes: str) -> str:
    page = reverse("admin:suspicious_contact:group", args=[group.reference])
    desk.post(reverse("admin:suspicious_contact:take", args=[group.reference]))
    told = {
        "verdict": "warn",
        "reason": "The same text goes round elsewhere",
        "words": "A text message says that a parcel waits, and asks for a small fee by card.",
        "host": "parcel-desk.example",
        "number": "",
        "address": "",
        "until": "",
    }
    return desk.post(f"{page}decide/", told | changes, follow=True).content.decode()


def test_an_analyst_takes_reads_decides_and_withdraws(maria: Customer) -> None:
    reports(maria)
    group = reports(make_customer(), strange(TWIN)).group
    assert group is not None
    desk = sign_in(Client(), make_staff(role=Role.COMPLIANCE))
    page = reverse("admin:suspicious_contact:group", args=[group.reference])

    worklist = desk.get(reverse("admin:index")).content.decode()
    untaken = desk.get(page).content.decode()
    desk.post(reverse("admin:suspicious_contact:take", args=[group.reference]))
    taken = desk.get(page).content.decode()
    wrong = decide(desk, group, words="Beware")
    decided = decide(desk, group)
    desk.post(f"{page}withdraw/", {"reason": "The parcel service is real"})

    assert "Decide on a strange contact" in worklist
    assert "text message, 2 reports" in worklist
    assert "customs fee" not in untaken
    assert "customs fee" in taken
    assert "at least 20 characters" in wrong
    assert "Decided. Every case of these reports goes on with it." in decided
    group.refresh_from_db()
    assert group.state == GroupState.CONFIRMED
    assert warnings.current(now=now()) == []
    assert group.reference in desk.get(reverse("admin:suspicious_contact:groups")).content.decode()


def test_a_decision_that_came_too_late_stays_on_the_page_and_in_its_own_form(maria: Customer) -> None:
    """A colleague took the reports; then decided on them, with a warning that can be withdrawn for a reason, too."""
    group = reports(maria).group
    assert group is not None
    first, second = make_staff(role=Role.COMPLIANCE), make_staff(role=Role.COMPLIANCE)
    mine, theirs = sign_in(Client(), first), sign_in(Client(), second)
    page = reverse("admin:suspicious_contact:group", args=[group.reference])
    mine.post(f"{page}take/")
    told = form_on(mine, page) | {"verdict": "cleared", "reason": "A colleague had sent it"}
    told |= {"words": "It comes by text, and asks for a fee"}
    Suspicion.objects.update(held_at=now() - deciding.HELD_FOR)
    wrong = mine.post(f"{page}decide/", told | {"verdict": ""}, follow=True).content.decode()
    theirs.post(f"{page}take/")

    taken = mine.post(f"{page}decide/", told, follow=True)
    decide(theirs, group)
    decided = mine.post(f"{page}decide/", told, follow=True)
    again = mine.get(f"{page}decide/", follow=True)

    assert "Take the reports once more, to go on." in wrong
    assert "Choose what it is." in wrong
    assert "A colleague had sent it" in wrong
    for answer, status, says in (
        (taken, 403, "Somebody else has taken these reports. Nothing was changed."),
        (decided, 409, "These reports were decided on already."),
    ):
        shown = answer.content.decode()
        assert answer.status_code == status
        assert says in shown
        assert "A colleague had sent it" in shown
        assert "It comes by text, and asks for a fee" in shown
    assert "customs fee" not in taken.content.decode()
    assert again.redirect_chain[0][0] == page
    assert Suspicion.objects.get().state == GroupState.CONFIRMED
    kept = mine.get(page).content.decode()
    assert "<blockquote>A colleague had sent it</blockquote>" in kept
    assert kept.count("A colleague had sent it") == 1, "and not as the reason to withdraw the warning"


def test_others_see_that_there_is_a_report_and_not_what_it_says(maria: Customer) -> None:
    group = reports(maria).group
    assert group is not None
    desk = sign_in(Client(), make_staff(role=Role.SUPPORT))

    page = desk.get(reverse("admin:suspicious_contact:group", args=[group.reference])).content.decode()

    assert "Your role does not read reported contacts." in page
    assert "customs fee" not in page


def test_the_desk_names_a_case_and_the_customers_own_is_opened_and_paused(maria: Customer) -> None:
    card, hanna = sensitive_case(maria), make_staff()
    desk = sign_in(Client(), hanna)
    sent = {"pasted": SMISH, "channel": "sms", "key": key(), "case": card.reference}

    wrong = desk.post("/desk/ours/report/", sent | {"case": "K7Q-4MX-9"}).content.decode()
    done = desk.post("/desk/ours/report/", sent, follow=True)

    report = Report.objects.get()
    card.refresh_from_db()
    assert "There is no case with this reference" in wrong
    assert (report.proof, report.source, card.state) == (Proof.STAFF, Source.DESK, CaseState.FROZEN)
    assert report.case is not None
    assert done.redirect_chain[-1][0] == reverse("admin:desk_case", args=[report.case.reference])


def test_who_expects_nobody_has_reported_a_strange_contact(db: None) -> None:
    visit = agreed()
    customer = visit.case.customer
    other = sensitive_case(customer)

    for _ in range(2):
        calling_off.nobody_expected(case_id=visit.case_id, by=customer_actor(customer))

    report = Report.objects.get()
    visit.case.refresh_from_db()
    other.refresh_from_db()
    assert (report.source, report.match, report.proof) == (Source.VISIT, Match.NOT_OURS, Proof.CUSTOMER)
    assert (visit.case.state, other.state) == (CaseState.OPEN, CaseState.FROZEN)
    assert Case.objects.filter(process="suspicious_contact", customer=customer).count() == 1


def test_an_agent_at_the_door_reports_who_else_came(db: None) -> None:
    visit = visit_under(sensitive_case(make_customer()))
    agent = make_staff(role=Role.FIELD)
    theirs = agreed(slot=free_slot(visitor=agent, hours=-0.25))
    other = sensitive_case(theirs.case.customer)
    client = sign_in(Client(), agent)
    address = reverse("field:suspicious_contact:report")

    shown = client.get(address).content.decode()
    sent = {"customer": str(theirs.case_id), "how": "person", "text": "A man with a badge", "key": key()}
    wrong = client.post(address, sent | {"customer": str(visit.id)})
    done = client.post(address, sent, follow=True).content.decode()

    report = Report.objects.get()
    other.refresh_from_db()
    assert theirs.case.reference in shown
    assert wrong.status_code == 400
    assert "What the customer has open is paused." in done
    assert (report.source, report.match, other.state) == (Source.FIELD, Match.NOT_OURS, CaseState.FROZEN)
    assert report.contact.reference in done
