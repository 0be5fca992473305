"""What holders and staff can say about how a domain is protected, and everything that is refused."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.actors import Actor, Level
from backoffice.cases import answering, opening, stopping_by_notice
from backoffice.cases.answering import Session
from backoffice.cases.models import Case, CaseState, Event, Part
from backoffice.customers import reading
from backoffice.domains import terms
from backoffice.domains.models import Domain, DomainState
from backoffice.domains.safeguards import words
from backoffice.domains.safeguards.models import SafeguardChange
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid, NeedsProof, NotFound
from backoffice.staff.models import Role
from backoffice.trust import assurance
from tests.domains.ceding import holder_of_a_domain, open_cession
from tests.factories import actor, change_phone, make_customer, make_staff, now, sign_in
from tests.playing import advance, ask, close, customer_actor
from tests.portal.conftest import make_person
from workflows.base.contracts import DoEffect, SendNotice
from workflows.domain_safeguard.spec import PERIODS

pytestmark = pytest.mark.django_db
WHY = "It was sold for a house"


def ask_for(change: str, domain: Domain, *, by: Actor | None = None, key: str = "", **more: str) -> Case:
    case, _new = opening.open_by_form(
        process="domain_safeguard",
        customer=domain.customer,
        by=by or customer_actor(domain.customer),
        key=key or str(uuid.uuid4()),
        data={"domain": str(domain.public_id), "change": change, **more},
    )
    return case


def apply(case: Case) -> bool:
    done = advance(case, effects=(DoEffect("apply_safeguard"),))
    return bool(done.facts.get("changed"))


def in_force(change: str, domain: Domain, **more: Any) -> Domain:
    case = ask_for(change, domain, **more)
    assert apply(case)
    close(case)
    domain.refresh_from_db()
    return domain


def supervisor() -> Actor:
    return actor(make_staff(role=Role.SUPERVISOR))


class TestInForce:
    def test_extra_protection_makes_every_change_wait_longer(self) -> None:
        domain = holder_of_a_domain()
        before = terms.cooling(domain)

        in_force("protect", domain)

        assert (domain.is_high_value, domain.marked_by) == (True, "holder")
        assert terms.cooling(domain) > before
        event = Event.objects.get(kind="domain_safeguard.changed")
        assert event.data == {"change": "protect"}
        in_force("unprotect", domain)
        assert (domain.is_high_value, domain.marked_by) == (False, "")

    def test_staff_set_the_mark_and_say_why(self) -> None:
        domain = in_force("protect", holder_of_a_domain(), by=supervisor(), reason=WHY)

        assert (domain.is_high_value, domain.marked_by) == (True, "us")
        assert WHY not in str(list(Event.objects.values_list("data", flat=True)))
        assert SafeguardChange.objects.get().reason == WHY

    def test_the_lock_is_declined_for_what_is_asked_for_afterwards_and_wanted_again(self) -> None:
        domain = holder_of_a_domain("tulip.com")
        earlier = now() - timedelta(seconds=1)

        in_force("decline_lock", domain)

        at = now()
        assert terms.lock_after(domain, asked_at=earlier, executed_at=at) is not None
        assert terms.lock_after(domain, asked_at=at, executed_at=at) is None
        in_force("keep_lock", domain)
        assert terms.lock_after(domain, asked_at=at, executed_at=at) is not None

    def test_it_waits_longer_than_a_change_of_holder_that_began_before_it(self) -> None:
        for end in ("pl", "com", "nl", "eu"):
            domain = holder_of_a_domain(f"tulip.{end}", is_high_value=True)
            assert terms.cooling(domain) < PERIODS.time_to_stop_it

    @pytest.mark.parametrize("fields", [{"state": DomainState.GONE}, {"state": DomainState.DISPUTED}])
    def test_a_domain_that_cannot_be_changed_any_more_stays_as_it_is(self, fields: dict[str, Any]) -> None:
        domain = holder_of_a_domain("tulip.com")
        case = ask_for("decline_lock", domain)
        Domain.objects.filter(pk=domain.pk).update(**fields)

        assert not apply(case)

    def test_the_next_holder_is_not_harmed_by_what_the_last_one_asked_for(self) -> None:
        domain = holder_of_a_domain("tulip.com")
        case = ask_for("decline_lock", domain)
        Domain.objects.filter(pk=domain.pk).update(customer=make_customer())

        assert not apply(case)
        domain.refresh_from_db()
        assert domain.lock_opt_out_at is None

    def test_a_mark_that_we_set_meanwhile_stays(self) -> None:
        domain = holder_of_a_domain(is_high_value=True, marked_by="holder")
        case = ask_for("unprotect", domain)
        Domain.objects.filter(pk=domain.pk).update(marked_by="us")

        assert not apply(case)


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "fields", "change", "why"),
        [
            ("tulip.pl", {"is_high_value": True}, "protect", "has the extra protection already"),
            ("tulip.pl", {}, "unprotect", "does not have the extra protection"),
            ("tulip.pl", {"is_high_value": True, "marked_by": "us"}, "unprotect", "We gave this domain"),
            ("tulip.pl", {"is_high_value": True}, "unprotect", "We gave this domain"),
            ("tulip.pl", {}, "decline_lock", "has no such lock"),
            ("tulip.com", {"lock_opt_out_at": now()}, "decline_lock", "declined the lock already"),
            ("tulip.com", {}, "keep_lock", "have not declined the lock"),
            ("tulip.com", {"state": DomainState.DISPUTED}, "decline_lock", "There is a dispute"),
        ],
    )
    def test_the_holder_reads_why(self, name: str, fields: dict[str, Any], change: str, why: str) -> None:
        domain = holder_of_a_domain(name, **fields)

        with pytest.raises(Conflict, match=why) as refused:
            ask_for(change, domain)
        assert refused.value.field == "change"
        assert not SafeguardChange.objects.exists()

    def test_another_customers_domain_and_one_that_has_left_are_told_as_unknown_ones(self) -> None:
        mine = holder_of_a_domain("mine.pl")
        theirs, left = holder_of_a_domain("theirs.pl"), holder_of_a_domain("left.pl", state=DomainState.GONE)

        for domain in (theirs, left):
            domain.customer = mine.customer
            with pytest.raises(Invalid) as refused:
                ask_for("protect", domain)
            assert refused.value.errors["domain"] == ["We know no such domain of yours. Choose one of the list."]
        with pytest.raises(NotFound):
            ask_for("protect", Domain.objects.get(pk=theirs.pk), by=customer_actor(mine.customer))

    def test_pressed_twice_is_asked_once_and_a_second_request_waits_for_the_first(self) -> None:
        domain = holder_of_a_domain(is_high_value=True, marked_by="holder")
        case = ask_for("unprotect", domain, key="k-1")

        assert ask_for("unprotect", domain, key="k-1") == case
        with pytest.raises(Conflict, match=f"under way: {case.reference}"):
            ask_for("unprotect", domain, key="k-2")
        with pytest.raises(Conflict, match="This key opened another case"):
            ask_for("protect", domain, key="k-1")
        close(case, "withdrawn")
        assert ask_for("unprotect", domain) != case

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.APPROVER, Role.COMPLIANCE, Role.ADMINISTRATOR, Role.FIELD])
    def test_only_supervisors_of_us_touch_the_mark(self, role: Role) -> None:
        with pytest.raises(Forbidden):
            ask_for("protect", holder_of_a_domain(), by=actor(make_staff(role=role)), reason=WHY)

    @pytest.mark.parametrize("reason", ["", "   ", "sold"])
    def test_staff_who_do_not_say_why_set_nothing(self, reason: str) -> None:
        with pytest.raises(Invalid) as refused:
            ask_for("protect", holder_of_a_domain(), by=supervisor(), reason=reason)
        assert "reason" in refused.value.errors

    def test_staff_decline_no_lock_for_a_holder(self) -> None:
        with pytest.raises(Invalid) as refused:
            ask_for("decline_lock", holder_of_a_domain("tulip.com"), by=supervisor(), reason=WHY)
        assert "change" in refused.value.errors

    def test_who_asked_for_it_does_not_approve_it(self) -> None:
        ada = make_staff(role=Role.SUPERVISOR)
        domain = holder_of_a_domain(is_high_value=True)
        case = ask_for("unprotect", domain, by=actor(ada), reason=WHY)
        item = ask(case, "approve_safeguard")
        ada.groups.add(make_staff(role=Role.APPROVER).groups.get())

        with pytest.raises(Forbidden):
            answering.answer(item_id=item.id, by=actor(ada), data={"outcome": "approved", "reason": WHY})
        assert Part.objects.get(root_id=case.id, user=ada).part == "requester"
        domain.refresh_from_db()
        assert domain.is_high_value

    def test_the_session_alone_confirms_nothing_and_a_proof_is_for_this_step_and_not_for_long(self) -> None:
        person = make_person()
        domain = holder_of_a_domain("tulip.com")
        Domain.objects.filter(pk=domain.pk).update(customer=person.customer)
        domain.refresh_from_db()
        case = ask_for("decline_lock", domain)
        item = ask(case, "confirm_safeguard")
        assert person.customer.user is not None
        session = Session(user=person.customer.user, key="s")
        by = customer_actor(person.customer)

        def answer(at: timedelta = timedelta(0)) -> None:
            answering.answer(item_id=item.id, by=by, session=session, data={}, now=now() + at)

        with pytest.raises(NeedsProof):
            answer()
        told: dict[str, Any] = {"user": session.user, "session_key": "s", "level": Level.CONFIRMED, "method": "totp"}
        assurance.grant(**told, case_id=case.id, action="another", now=now())
        with pytest.raises(NeedsProof):
            answer()
        assurance.grant(**told, case_id=case.id, action=item.step, now=now())
        with pytest.raises(NeedsProof):
            answer(assurance.GOOD_FOR + timedelta(seconds=1))
        answer()


class TestThieves:
    def test_whoever_reads_an_old_address_is_told_and_can_stop_it(self) -> None:
        domain = holder_of_a_domain("tulip.com")
        old = domain.customer.contact_points.get(kind="phone").value
        change_phone(customer=domain.customer)
        case = ask_for("decline_lock", domain)

        until = (now() + timedelta(days=7)).isoformat()
        advance(case, stage="announced", notices=(SendNotice("safeguard_announced", {"until": until}),))

        announced = "domain_safeguard.safeguard_announced"
        sent = Message.objects.filter(contact__case_id=case.id, template=announced, contact__channel="sms")
        found = {message.point.value: message.contact.reference for message in sent if message.point}
        assert old in found
        by = stopping_by_notice.anybody()
        stopping_by_notice.stop(code=found[old], last_three=old[-3:], network="192.0.2.1", by=by, now=now())
        case.refresh_from_db()
        assert case.state == CaseState.STOPPING

    def test_an_opt_out_that_is_asked_for_with_the_change_of_holder_comes_too_late(self) -> None:
        domain = holder_of_a_domain("tulip.com")
        declining = ask_for("decline_lock", domain)
        cession = open_cession(domain)

        assert apply(declining)

        domain.refresh_from_db()
        assert terms.lock_after(domain, asked_at=cession.opened_at, executed_at=now()) is not None


class TestPages:
    def test_the_holder_reads_what_there_is_and_what_it_means(self) -> None:
        person = make_person()
        domain = holder_of_a_domain("tulip.com", lock_opt_out_at=now())
        Domain.objects.filter(pk=domain.pk).update(customer=person.customer)
        case = ask_for("protect", Domain.objects.get(pk=domain.pk))

        shown = person.client.get(reverse("portal:thing", args=["domains", domain.public_id])).content.decode()

        assert "How it is protected" in shown
        assert "No. With it: A change of its holder can be stopped for 5 days" in shown
        assert "So it is with a move to another provider, for 3 days." in shown
        assert "After a change of holder it can go to another provider at once." in shown
        assert "it gets the extra protection" in shown
        assert f"under way: {case.reference}" in shown

    def test_staff_see_the_way_to_the_mark_if_it_is_theirs(self) -> None:
        domain = holder_of_a_domain()
        address = reverse("admin:desk_record", args=[domain.customer.public_id, "domains", domain.public_id])
        for role, sees in ((Role.SUPERVISOR, True), (Role.SUPPORT, False)):
            user = make_staff(role=role)
            reading.open_record(customer=domain.customer, by=actor(user), user=user, now=now(), reason="They called us")

            shown = sign_in(Client(), user).get(address).content.decode()

            assert ("Change the value mark of a domain" in shown) is sees
            assert "How it is protected" in shown

    @pytest.mark.parametrize("change", ["protect", "unprotect", "decline_lock", "keep_lock"])
    def test_every_change_has_its_words_in_every_state(self, change: str) -> None:
        marked = {"is_high_value": True, "marked_by": "holder"} if change == "unprotect" else {}
        declined = {"lock_opt_out_at": now()} if change == "keep_lock" else {}
        case = ask_for(change, holder_of_a_domain("tulip.com", **marked, **declined))

        heads = [words.headline(case)]
        advance(case, stage="announced")
        heads.append(words.headline(case))
        apply(case)
        close(case)
        heads.append(words.headline(case))

        assert all("tulip.com" in head.title and head.lead for head in heads)
        assert heads[-1].lead.startswith("It was changed")
        assert "tulip.com" in words.about(case)
