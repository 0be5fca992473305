"""The customer says in their own session that a mail is not theirs: what else may change something of theirs is paused.
No mail does that by itself, nor do fifty of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.actors import Actor, Level, system
from backoffice.cases import answering, freezing, opening
from backoffice.cases.models import Case, CaseState, Event
from backoffice.cases.words import of_reason
from backoffice.customers.models import Customer
from backoffice.mail_orders import handling
from backoffice.mail_orders.models import Hint, Mail
from backoffice.refusals import Forbidden, NotFound, Refused
from backoffice.staff.models import Role, User
from tests.factories import actor, make_card, make_customer, make_domain, make_invoice, make_staff, now
from tests.mail_orders.conftest import Came, asked, taken
from tests.mail_orders.crafting import STRANGER, mail
from tests.playing import ask, close, customer_actor, open_card_case


@pytest.fixture
def hanna(db: None) -> User:
    return make_staff(role=Role.SUPPORT)


def denies(case: Case, by: Actor, decision: str = "not_mine") -> None:
    item = ask(case, "say_whose")
    answering.answer(item_id=item.id, by=by, data={"decision": decision})


def of(customer: Customer) -> Actor:
    return customer_actor(customer, level=Level.CONFIRMED)


def state(case: Case) -> CaseState:
    case.refresh_from_db()
    return CaseState(case.state)


def sensitive_case(customer: Customer) -> Case:
    return open_card_case(make_card(customer=customer))


def forged(came: Came, number: int = 1) -> Mail:
    return came(mail(Message_ID=f"<{number}@example.org>"), ip=STRANGER)


def test_whoever_did_not_write_it_has_their_open_cases_paused_at_once(came: Came, maria: Customer, hanna: User) -> None:
    card, other, done = sensitive_case(maria), sensitive_case(make_customer()), sensitive_case(maria)
    close(done)
    case = asked(taken(forged(came), hanna), maria, hanna)

    denies(case, of(maria))

    assert (state(card), state(other), state(done), state(case)) == (
        CaseState.FROZEN,
        CaseState.OPEN,
        CaseState.CLOSED,
        CaseState.OPEN,
    )
    paused = Event.objects.get(case=card, kind="case.frozen")
    assert of_reason(card.process, paused.reason) == "the customer says that somebody wrote to us in their name"
    assert Event.objects.get(case=case, kind="mail_order.others_paused").data == {"count": "1"}
    freezing.unfreeze(case_id=card.id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="The customer was called")
    assert state(card) is CaseState.OPEN


def test_what_changes_nothing_goes_on(came: Came, maria: Customer, hanna: User) -> None:
    invoice = make_invoice(customer=maria)
    duplicate, _new = opening.open_by_form(
        process="duplicate_invoice",
        customer=maria,
        by=customer_actor(maria),
        key="k",
        data={"invoice": str(invoice.public_id)},
    )
    case = asked(taken(forged(came), hanna), maria, hanna)

    denies(case, of(maria))

    assert state(duplicate) is CaseState.OPEN
    assert not Event.objects.filter(kind="mail_order.others_paused").exists()


def test_whoever_wrote_it_has_nothing_paused(came: Came, maria: Customer, hanna: User) -> None:
    card = sensitive_case(maria)

    denies(asked(taken(forged(came), hanna), maria, hanna), of(maria), "mine")

    assert state(card) is CaseState.OPEN


def test_only_the_customer_says_it_and_only_after_a_proof(came: Came, maria: Customer, hanna: User) -> None:
    card = sensitive_case(maria)
    case = asked(taken(forged(came), hanna), maria, hanna)
    item = ask(case, "say_whose")
    others = [
        actor(hanna),
        actor(make_staff(role=Role.SUPERVISOR)),
        system(),
        of(make_customer()),
        customer_actor(maria, level=Level.SIGNED_IN),
    ]

    for by in others:
        with pytest.raises(Refused):
            answering.answer(item_id=item.id, by=by, data={"decision": "not_mine"})

    assert state(card) is CaseState.OPEN


def test_fifty_forged_mails_pause_nothing_and_lock_nobody_out(came: Came, maria: Customer, hanna: User) -> None:
    """Threat 22. They wait for the desk, who asks about one at a time; the customer's own work goes on meanwhile."""
    card = sensitive_case(maria)
    mails = [forged(came, number) for number in range(50)]
    assert {one.hint for one in mails} == {Hint.FORGED}
    first = asked(taken(mails[0], hanna), maria, hanna)
    with pytest.raises(Refused, match="being asked about another mail"):
        asked(taken(mails[1], hanna), maria, hanna)
    for one in mails[2:]:
        handling.set_aside(mail=taken(one, hanna), why="junk", by=actor(hanna), user=hanna, now=now())

    assert state(card) is CaseState.OPEN
    assert not Event.objects.filter(kind="case.frozen").exists()
    denied = Event.objects.filter(case=first, kind__startswith="mail_order").values_list("kind", flat=True)
    assert set(denied) == {"mail_order.linked", "mail_order.reasons"}
    survey = ask(card, "email_survey")
    assert survey.due_at is not None
    assert survey.due_at > now() + timedelta(days=1)


def test_nobody_but_staff_and_the_process_pauses_a_customers_cases(maria: Customer) -> None:
    make_domain(customer=maria)
    for by in (customer_actor(maria), actor(make_staff(role=Role.FIELD))):
        with pytest.raises((Forbidden, NotFound)):
            freezing.freeze_what_is_sensitive(customer=maria, by=by, reason="suspicion")
