"""From a mail to the customer's own word: the sender is never answered, and a mail changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backoffice.actors import Level, system
from backoffice.cases import answering, withdrawing
from backoffice.cases.models import Case, CaseState, Event, Incident
from backoffice.customers.contact_points import supersede
from backoffice.customers.models import ContactKind, Customer
from backoffice.mail_orders import findings, ordering, panels, words
from backoffice.mail_orders.models import Hint, Mail, MailState
from backoffice.mail_orders.reasons import Reason
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid, NeedsProof, Refused
from backoffice.staff.models import Role, User
from tests.factories import actor, make_card, make_customer, make_staff, now
from tests.mail_orders.conftest import Came, asked, taken
from tests.mail_orders.crafting import ON_FILE, STRANGER, mail, signed
from tests.playing import advance, ask, close, customer_actor
from workflows.base.contracts import DoEffect, SendNotice


@pytest.fixture
def hanna(db: None) -> User:
    return make_staff(role=Role.SUPPORT)


def answer(case: Case, kind: str, customer: Customer, decision: str, level: Level = Level.CONFIRMED) -> None:
    item = ask(case, kind)
    by = customer_actor(customer, level=level)
    answering.answer(item_id=item.id, by=by, data={"decision": decision})


def addressed(case: Case) -> set[str]:
    messages = Message.objects.filter(contact__case_id=case.id).select_related("point")
    return {message.point.value for message in messages if message.point}


def test_whose_mail_it_seems_to_be_is_found_by_the_address_on_file_and_by_what_looks_like_it(
    came: Came, maria: Customer
) -> None:
    theirs = came(signed(mail()))
    alike = came(signed(mail(From="Maria <maria.jansen@exmaple.org>"), "exmaple.org"), ip=STRANGER)
    other = came(mail(From="Ewa <ewa@thief.example>"), ip=STRANGER)

    assert (theirs.customer, theirs.hint, theirs.state) == (maria, Hint.AGREES, MailState.WAITING)
    assert (alike.customer, alike.hint) == (maria, Hint.SUSPICIOUS)
    assert Reason.LIKE_SPELLING in alike.reasons
    assert (other.customer, Reason.UNKNOWN_SENDER in other.reasons) == (None, True)


def test_the_answers_of_the_name_servers_are_kept_as_evidence_and_sealed(came: Came, maria: Customer) -> None:
    found = came(signed(mail()))

    assert found.findings is not None
    assert found.findings["answers"]["TXT _dmarc.example.org"] == ["v=DMARC1; p=reject"]
    assert found.findings["authentication"]["dmarc"] == "pass"
    stored = Mail.objects.extra(select={"kept": "findings"}).values_list("kept", flat=True)
    assert all("example.org" not in kept for kept in stored)


def test_the_customer_is_asked_at_the_address_on_file_and_the_sender_hears_nothing(
    came: Came, maria: Customer, hanna: User
) -> None:
    found = taken(came(signed(mail(From="Maria <maria.jansen@exmaple.org>"), "exmaple.org"), ip=STRANGER), hanna)

    case = asked(found, maria, hanna)
    advance(case, stage="asked", notices=(SendNotice("mail_received", {}),))

    found.refresh_from_db()
    assert (found.state, found.case, found.asks) == (MailState.ASKED, case, "card_reissue")
    assert {one for one in addressed(case) if "@" in one} == {ON_FILE}
    events = Event.objects.filter(case=case).values_list("data", flat=True)
    assert all("exmaple" not in str(data) and "maria" not in str(data).lower() for data in events)


def test_a_forged_mail_ends_as_a_hint_and_nothing_of_the_customer_changes(
    came: Came, maria: Customer, hanna: User
) -> None:
    """Story (g)."""
    forged = taken(came(mail(), ip=STRANGER), hanna)
    assert forged.hint == Hint.FORGED
    before = list(maria.contact_points.values())
    case = asked(forged, maria, hanna)

    answer(case, "say_whose", maria, "not_mine")
    advance(case, stage="suspicion", effects=(DoEffect("raise_alarm"),))
    assert list(Incident.objects.filter(case=case).values_list("key", flat=True)) == ["mail_not_theirs"]
    item = ask(case, "look_into_forgery")
    shown = words.headers(case, item)
    assert ("", f"{words.REASONS[Reason.DMARC_FORBIDS]}.") in shown
    found = {"called_customer": "reached", "outcome": "forged", "reason": "Not theirs"}
    answering.answer(item_id=item.id, by=actor(make_staff(role=Role.COMPLIANCE)), data=found)
    close_as(case, "rejected", "forged")

    forged.refresh_from_db()
    assert forged.state == MailState.DENIED
    alarm = Incident.objects.get(case=case)
    assert alarm.resolved_at is not None
    assert alarm.called == {"customer": "reached"}
    assert list(maria.contact_points.values()) == before
    assert Case.objects.filter(customer=maria).count() == 1


def test_who_has_the_session_of_a_customer_cannot_end_the_search_for_a_forger(
    came: Came, maria: Customer, hanna: User
) -> None:
    by = customer_actor(maria)
    forged = taken(came(mail(), ip=STRANGER), hanna)
    assert "Ask the customer" in words.hint_of(forged)
    case = asked(forged, maria, hanna)
    assert withdrawing.why_not_withdraw(case, by=by) == ""

    answer(case, "say_whose", maria, "not_mine")
    advance(case, stage="suspicion", effects=(DoEffect("raise_alarm"),))
    case.refresh_from_db()
    assert "We look into it to its end" in withdrawing.why_not_withdraw(case, by=by)
    close_as(case, "withdrawn", "")

    forged.refresh_from_db()
    assert forged.state == MailState.DENIED
    assert words.hint_of(forged) == "It is forged, by all that its headers say."


def close_as(case: Case, outcome: str, reason: str) -> None:
    from workflows.base.contracts import Close

    advance(case, close=Close(outcome, reason=reason), compensating=True)


def test_a_customer_who_wrote_it_is_led_to_what_it_asks_for_and_only_then(
    came: Came, maria: Customer, hanna: User
) -> None:
    make_card(customer=maria)
    case = asked(taken(came(signed(mail())), hanna), maria, hanna)
    by = customer_actor(maria)
    assert panels.for_customer(case, by) is None
    with pytest.raises(NeedsProof):
        answer(case, "say_whose", maria, "mine", Level.SIGNED_IN)

    item = case.items.get()
    answering.answer(item_id=item.id, by=customer_actor(maria, level=Level.CONFIRMED), data={"decision": "mine"})
    advance(case, stage="confirmed")
    close(case)

    shown = panels.for_customer(case, by)
    assert shown is not None
    assert shown[1]["url"] == reverse("portal:open", args=["card_reissue"])
    assert Mail.objects.get().state == MailState.CONFIRMED
    assert not Case.objects.filter(customer=maria, process="card_reissue").exists()


def test_a_customer_who_says_nothing_leaves_the_mail_unanswered(came: Came, maria: Customer, hanna: User) -> None:
    case = asked(taken(came(signed(mail())), hanna), maria, hanna)
    close_as(case, "expired", "not_said")

    assert Mail.objects.get().state == MailState.UNANSWERED
    assert panels.for_customer(case, customer_actor(maria)) is None


def test_one_question_at_a_time_and_one_case_for_a_mail(came: Came, maria: Customer, hanna: User) -> None:
    first = taken(came(signed(mail())), hanna)
    case = asked(first, maria, hanna)
    second = taken(came(signed(mail(Message_ID="<2@example.org>"))), hanna)

    with pytest.raises(Conflict) as refused:
        asked(second, maria, hanna)
    assert "another mail already" in refused.value.sentence
    with pytest.raises(Refused):
        asked(first, make_customer(), hanna, asks="card_reissue")
    assert Case.objects.filter(process="mail_order").count() == 1
    assert case.state == CaseState.OPEN


def test_only_who_holds_a_mail_opens_a_case_about_it(came: Came, maria: Customer, hanna: User) -> None:
    found = came(signed(mail()))

    with pytest.raises(Forbidden) as refused:
        asked(found, maria, hanna)
    assert refused.value.field == "mail"
    taken(found, make_staff(role=Role.SUPPORT))
    with pytest.raises(Conflict) as held:
        taken(found, hanna)
    assert held.value.sentence == "Somebody else reads this mail now."


@pytest.mark.parametrize(
    ("data", "field", "sentence"),
    [
        ({"mail": "K7Q-4MX-3", "asks": "card_reissue"}, "mail", "There is no mail with this reference."),
        ({"asks": "card_reissue"}, "mail", "Type the reference of the mail."),
        ({"mail": "right", "asks": "mail_order"}, "asks", "Select a valid choice."),
        ({"mail": "right"}, "asks", "Choose what the mail asks for."),
    ],
)
def test_what_is_wrong_with_the_opening_is_told_on_its_field(
    came: Came, maria: Customer, hanna: User, data: dict[str, Any], field: str, sentence: str
) -> None:
    from backoffice.cases import opening

    found = taken(came(signed(mail())), hanna)
    told = {name: found.reference if value == "right" else value for name, value in data.items()}

    with pytest.raises(Invalid) as refused:
        opening.open_by_form(process="mail_order", customer=maria, by=actor(hanna), key="k", data=told)

    assert refused.value.errors[field][0].startswith(sentence)


def test_who_cannot_be_asked_is_called_instead(maria: Customer) -> None:
    assert ordering.why_not(maria) == ""
    assert "no account" in ordering.why_not(make_customer(sign_in=False))
    nowhere = make_customer(contacts={ContactKind.PHONE: "+12065550199"})
    assert "no e-mail address" in ordering.why_not(nowhere)


def test_a_mail_is_compared_with_the_customer_whom_the_desk_chose(came: Came, maria: Customer, hanna: User) -> None:
    found = taken(came(signed(mail(From="Ewa <ewa@example.org>"))), hanna)
    assert Reason.UNKNOWN_SENDER in found.reasons

    asked(found, maria, hanna)

    found.refresh_from_db()
    assert Reason.NOT_ON_FILE in found.reasons
    assert found.customer == maria


def test_an_address_that_was_replaced_is_seen_as_the_former_one(came: Came, maria: Customer) -> None:
    supersede(customer=maria, kind="mail", value="maria@new.example", how="branch", by=system(), now=now())

    found = came(signed(mail()))

    assert (found.customer, found.hint) == (maria, Hint.SUSPICIOUS)
    assert Reason.FORMER in found.reasons


def test_two_customers_with_one_address_are_nobody_until_the_desk_chooses(came: Came, maria: Customer) -> None:
    make_customer(contacts={ContactKind.MAIL: ON_FILE})

    assert came(signed(mail())).customer is None
    assert findings.company().domains == {"meridian.example"}
