"""Threats 2, 3 and 24: a thief and an insider try to get at a customer's addresses past the proofs."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from backoffice.actors import Level, system
from backoffice.cases import answering, stopping_by_notice
from backoffice.cases.models import Case, CaseState
from backoffice.contact_changes import proving
from backoffice.customers import contact_points, reading
from backoffice.customers.models import ContactPoint, Customer
from backoffice.customers.registering import Particulars, register
from backoffice.refusals import Conflict, Forbidden, NotFound
from backoffice.staff.models import Role
from backoffice.staff.roles import permissions_of
from backoffice.trust.models import Code, Contact
from tests.api.conftest import Api
from tests.contact_changes.changing import NEW_HOME, apply, ask_for_code, assess, code_in, in_force, open_change, sent
from tests.factories import (
    actor,
    make_address,
    make_card,
    make_customer,
    make_staff,
    new_phone_number,
    now,
    sign_in,
)
from tests.playing import CALM, advance, ask, customer_actor, incidents_of, open_card_case
from workflows.base.contracts import DoEffect, SendNotice

pytestmark = pytest.mark.django_db
THIEFS = ({"kind": "mail", "value": "thief@example.net"}, {"kind": "phone", "value": new_phone_number()}, NEW_HOME)


def unchanged(customer: Customer) -> bool:
    return not ContactPoint.objects.filter(customer=customer).exclude(superseded_at=None).exists()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", ["mail", "phone", "postal", "none yet"])
def test_no_role_puts_an_address_in_force_or_calls_one_proven(role: Role, kind: str) -> None:
    """Whether the customer has one of the kind or not."""
    customer = make_customer(contacts={} if kind == "none yet" else {"mail": "anna@example.org"})
    by = actor(make_staff(role=role))
    thiefs = THIEFS[0] if kind == "none yet" else next(one for one in THIEFS if one["kind"] == kind)
    value = make_address("Damrak 1") if kind == "postal" else thiefs["value"]
    with pytest.raises(Forbidden, match="Open a contact change"):
        contact_points.supersede(customer=customer, kind=thiefs["kind"], value=value, how="", by=by, now=now())
    for point in customer.contact_points.all():
        with pytest.raises(Forbidden, match="Open a contact change"):
            contact_points.verify(point=point, how="branch", by=by, now=now())
    assert customer.contact_points.count() == (0 if kind == "none yet" else 1)
    assert unchanged(customer)


def test_the_customer_does_not_either_without_the_process(maria: Customer) -> None:
    with pytest.raises(Forbidden):
        contact_points.supersede(
            customer=maria,
            kind="mail",
            value="thief@example.net",
            how="portal",
            by=customer_actor(maria, level=Level.CONFIRMED),
            now=now(),
        )
    assert unchanged(maria)


@pytest.fixture
def insider(maria: Customer, client: Client) -> Client:
    """A supervisor with a fresh second factor, who has opened the record."""
    sue = make_staff(role=Role.SUPERVISOR)
    reading.open_record(customer=maria, by=actor(sue), user=sue, now=now(), reason="They called about a letter")
    return sign_in(client, sue)


def test_the_page_that_did_it_at_once_is_gone(insider: Client, maria: Customer) -> None:
    """The admin leads from an address that it does not know to its first page."""
    page = f"/desk/customers/customer/{maria.pk}/supersede/"

    assert insider.get(page, follow=True).redirect_chain[-1][0] == "/desk/"
    for data in THIEFS:
        assert insider.post(page, {**data, "how": "branch"}, follow=True).status_code in (200, 404)
    with pytest.raises(NoReverseMatch):
        reverse("admin:customers_customer_supersede", args=[maria.pk])
    assert unchanged(maria)


def test_no_page_of_the_admin_writes_an_address(insider: Client, maria: Customer) -> None:
    """Neither the record, nor its list, nor the page for the parts of an address, nor one of the address itself."""
    mail, home = in_force(maria, "mail"), in_force(maria, "postal")
    inline = {"contact_points-TOTAL_FORMS": "1", "contact_points-INITIAL_FORMS": "1", "contact_points-0-id": mail.pk}
    record, records = f"/desk/customers/customer/{maria.pk}/", "/desk/customers/customer/"
    tries = {
        f"{record}change/": {**inline, "contact_points-0-value": "thief@example.net"},
        records: {"action": "delete_selected", "_selected_action": maria.pk, "post": "yes"},
        f"{record}check-parts/": NEW_HOME,
        f"/desk/customers/contactpoint/{mail.pk}/change/": {"value": "thief@example.net"},
        "/desk/customers/contactpoint/add/": {"customer": maria.pk, "kind": "mail", "value": "thief@example.net"},
    }

    answers = {where: insider.post(where, data, follow=True).status_code for where, data in tries.items()}

    assert 500 not in answers.values(), answers
    assert (in_force(maria, "mail"), in_force(maria, "postal")) == (mail, home)
    assert unchanged(maria)
    assert maria.contact_points.count() == 3


@pytest.mark.parametrize("role", Role)
def test_no_permission_of_the_admin_lets_anybody_write_an_address(role: Role) -> None:
    writes = {f"customers.{act}_contactpoint" for act in ("add", "change", "delete", "supersede")}

    assert not writes & permissions_of(role)
    assert not any(make_staff(role=role, is_superuser=True).has_perm(one) for one in writes)


def test_the_api_has_no_way_to_an_address_but_the_case(maria: Customer) -> None:
    routes = [str(route) for route in get_resolver().reverse_dict if isinstance(route, str)]
    api = [str(pattern.pattern) for one in get_resolver("backoffice.api.urls").url_patterns for pattern in [one]]
    supervisor = Api(make_staff(role=Role.SUPERVISOR))
    tried = supervisor.post(f"customers/{maria.public_id}", {"mail": "thief@example.net"})
    opened = supervisor.post("cases", {"process": "contact_change", "customer": str(maria.public_id), "key": "k"})

    assert not any("contact" in name or "supersede" in name for name in [*api, *routes])
    assert (tried.status_code in (404, 405), opened.status_code) == (True, 400)
    assert unchanged(maria)


def test_registering_makes_another_customer_and_never_reaches_one_who_exists(maria: Customer) -> None:
    particulars = Particulars(family_name=maria.family_name, contacts={"mail": "thief@example.net"})

    made = register(particulars=particulars, by=actor(make_staff(role=Role.SUPERVISOR)), now=now())

    assert made != maria
    assert unchanged(maria)
    assert maria.contact_points.count() == 3


def test_staff_answers_nothing_for_the_customer_and_has_no_code_sent(maria: Customer) -> None:
    agent = make_staff()
    case = open_change(maria, by=actor(agent))
    confirm, code = ask(case, "confirm_change"), ask_for_code(case)

    for item, data in ((confirm, {}), (code, {"code": code_in(sent(case))})):
        with pytest.raises(NotFound):
            answering.answer(item_id=item.id, by=actor(agent), data=data)
    with pytest.raises(Forbidden):
        proving.send_again(case_id=case.id, by=actor(agent))


def test_a_sign_in_alone_confirms_nothing(maria: Customer) -> None:
    item = ask(open_change(maria), "confirm_change")

    with pytest.raises(Exception, match="confirm that it is you"):
        answering.answer(item_id=item.id, by=customer_actor(maria), data={})


def test_two_cases_at_once_do_not_share_their_old_channels(maria: Customer) -> None:
    """Mail first, with the number as witness; then the number, with the mail that was just changed: no witness but the
    old mail address, and approval."""
    apply(open_change(maria))
    case = open_change(maria, {"kind": "phone", "value": new_phone_number()})

    assert assess(case).facts == {"risk": "high", "witnessed": True}
    told = Contact.objects.filter(case_id=case.id)
    advance(case, notices=(SendNotice("change_announced", {}),))
    old_mail = ContactPoint.objects.get(customer=maria, kind="mail", verified_how="branch")
    assert old_mail.masked in set(told.values_list("address_masked", flat=True))


@pytest.fixture
def stolen_session(maria: Customer) -> Case:
    """The thief has the session and an authenticator: all is confirmed and proven, and announced."""
    case = open_change(maria, THIEFS[0])
    ask_for_code(case)
    advance(case, stage="announced", notices=(SendNotice("change_announced", {}),))
    return case


@pytest.mark.parametrize("channel", ["mail", "sms"])
def test_whoever_reads_an_old_channel_stops_it_without_signing_in(
    stolen_session: Case, maria: Customer, channel: str
) -> None:
    message = Contact.objects.get(case_id=stolen_session.id, purpose="contact_change.change_announced", channel=channel)
    stopping_by_notice.stop(
        code=message.reference,
        last_three=in_force(maria, "phone").value[-3:],
        network=str(uuid.uuid4()),
        by=stopping_by_notice.anybody(),
        now=now(),
    )

    stolen_session.refresh_from_db()
    assert stolen_session.state == CaseState.STOPPING
    assert apply_is_held(stolen_session)
    assert unchanged(maria)
    assert incidents_of(stolen_session) == [("alarm", "stopped_by_notice")]


def apply_is_held(case: Case) -> bool:
    """What the process would do next does not happen any more."""
    return bool(apply(case).held)


def test_the_message_to_the_new_address_stops_nothing(stolen_session: Case, maria: Customer) -> None:
    message = Contact.objects.get(case_id=stolen_session.id, purpose=proving.LETTER)

    with pytest.raises(Exception, match="No message that announces a change"):
        stopping_by_notice.stop(
            code=message.reference,
            last_three=in_force(maria, "phone").value[-3:],
            network="192.0.2.1",
            by=stopping_by_notice.anybody(),
            now=now(),
        )


@pytest.fixture
def thief_in_all(maria: Customer) -> Customer:
    """Nobody stopped the thief: every address is theirs, by this very process."""
    for data in THIEFS:
        assert apply(open_change(maria, data)).facts == {"applied": True}
    return maria


def test_contact_change_then_reissue_then_activation_is_refused(thief_in_all: Customer) -> None:
    card = make_card(customer=thief_in_all)
    by = customer_actor(thief_in_all, level=Level.CONFIRMED)
    case = open_card_case(card, reason="lost", by=by)
    answering.answer(item_id=ask(case, "email_survey").id, by=by, data=CALM)

    assert advance(case, effects=(DoEffect("assess_risk"),)).facts["risk"] == "high"
    assert advance(case, effects=(DoEffect("post_code"),)).facts == {}
    assert not Code.objects.filter(case_id=case.id).exists()
    advance(case, notices=(SendNotice("card_blocked"),))
    told = Contact.objects.filter(case_id=case.id, purpose="card_reissue.card_blocked")
    old = ContactPoint.objects.filter(customer=thief_in_all, verified_how="branch").exclude(kind="postal")
    assert {point.masked for point in old} <= set(told.values_list("address_masked", flat=True))
    item = ask(case, "activate_card")
    with pytest.raises(Exception, match="not the last four digits"):
        answering.answer(item_id=item.id, by=by, data={"last_four": card.last_four})
    with pytest.raises(Conflict):
        open_card_case(card, reason="damaged", by=by)


def test_nobody_marks_a_new_number_as_an_old_one(thief_in_all: Customer) -> None:
    assert not contact_points.phone_is_old_enough(customer=thief_in_all, now=now())
    contact_points.mark_sim_swapped(point=in_force(thief_in_all, "phone"), by=system(), now=now())
    assert not contact_points.phone_is_old_enough(customer=thief_in_all, now=now())
