"""What the holder and staff see of a transfer-out, in each state, and what the holder can do there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.cases import freezing, withdrawing
from backoffice.cases.models import Case, Command, ItemState
from backoffice.domains.models import Domain
from backoffice.domains.transfer_out import words
from backoffice.domains.transfer_out.leaving import gone
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.staff.models import Role, User
from tests.domains.leaving import leaving
from tests.factories import change_phone, make_staff, now, sign_in, totp_code
from tests.playing import advance, ask, close, customer_actor, system
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db
NAME = "tulip.example"


@pytest.fixture
def maria() -> Person:
    return make_person()


@pytest.fixture
def case(maria: Person) -> Case:
    return leaving(NAME, customer=maria.customer)[0]


def unlocked(case: Case) -> None:
    Domain.objects.filter(name=NAME).update(locks=[], statuses=["ok"], authinfo_set_at=now())
    TransferOut.objects.filter(case=case).update(code_until=now() + timedelta(days=14))
    advance(case, stage="authinfo")


def pending(case: Case) -> None:
    unlocked(case)
    until = now() + timedelta(days=5)
    TransferOut.objects.filter(case=case).update(registry_state="pending", asked_by="rival", decides_at=until)
    ask(case, "refuse_transfer", stage="pending")
    ask(case, "approve_transfer")


def page(maria: Person, case: Case) -> str:
    return " ".join(maria.client.get(reverse("portal:case", args=[case.reference])).content.decode().split())


def at_the_desk(case: Case, staff: User) -> str:
    client = sign_in(Client(), staff)
    return " ".join(client.get(reverse("admin:desk_case", args=[case.reference])).content.decode().split())


def with_work(case: Case) -> User:
    """A supervisor who has the case in their hands."""
    staff = make_staff(role=Role.SUPERVISOR)
    ask(case, "release_domain", holder=str(staff.public_id))
    return staff


class TestTheHolder:
    def test_before_it_is_unlocked_they_read_that_it_is_locked_and_how_to_stop_it(
        self, maria: Person, case: Case
    ) -> None:
        until = now() + timedelta(hours=2)
        advance(case, stage="announced", waiting_on="customer", waiting_until=until)

        shown = page(maria, case)

        assert f"{NAME} is to move to another registrar" in shown
        assert "locked: nobody can move it" in shown
        assert "Nothing is unlocked before" in shown
        assert "with the code of that message" in shown
        assert "To the transfer code" not in shown

    def test_once_it_is_unlocked_they_read_that_and_find_the_code(self, maria: Person, case: Case) -> None:
        unlocked(case)

        shown = page(maria, case)

        assert "unlocked: whoever has its transfer code can move it" in shown
        assert "To the transfer code" in shown

    def test_they_refuse_a_pending_transfer_without_another_proof(self, maria: Person, case: Case) -> None:
        pending(case)
        shown = page(maria, case)
        assert "rival" in shown
        item = case.items.get(kind="refuse_transfer")
        assert reverse("portal:item", args=[item.id]) in shown
        assert (
            "take the transfer code away" in maria.client.get(reverse("portal:item", args=[item.id])).content.decode()
        )

        maria.client.post(reverse("portal:item", args=[item.id]))

        item.refresh_from_db()
        assert (item.state, item.outcome) == (ItemState.ANSWERED, "refused")
        assert _decided(case) == [{}]

    def test_of_the_two_decisions_keeping_the_domain_comes_first_and_each_button_says_what_it_is(
        self, maria: Person, case: Case
    ) -> None:
        pending(case)

        shown = page(maria, case)

        buttons = re.findall(r'class="btn( btn--primary)?"\s+href="/portal/items/[^>]+>\s*([^<]+?)\s*<span', shown)
        assert buttons == [(" btn--primary", "Refuse: keep the domain"), ("", "Approve: let it go now")]

    def test_they_approve_it_only_with_their_code_for_exactly_that(self, maria: Person, case: Case) -> None:
        pending(case)
        item = case.items.get(kind="approve_transfer")
        asked: Any = maria.client.post(reverse("portal:item", args=[item.id]))
        assert asked.headers["Location"] == reverse("portal:confirm", args=[item.id])
        assert _decided(case) == []
        shown = maria.client.get(reverse("portal:confirm", args=[item.id])).content.decode()
        assert f"Your domain {NAME} goes to the registrar with the id rival." in shown

        maria.client.post(reverse("portal:confirm", args=[item.id]), {"code": totp_code(maria.secret)})

        assert _decided(case) == [{"approves": True}]

    def test_the_first_confirmation_says_what_it_is_for(self, maria: Person, case: Case) -> None:
        item = ask(case, "confirm_transfer_out", stage="confirmed")

        shown = maria.client.get(reverse("portal:confirm", args=[item.id])).content.decode()

        assert "Confirm that you want to move your domain to another registrar" in shown
        assert f"Your domain {NAME} leaves us for another registrar." in shown

    def test_while_it_is_paused_they_are_told_that_the_registrys_clock_is_not(self, maria: Person, case: Case) -> None:
        pending(case)
        freezing.freeze(case_id=case.id, by=system(), reason="odd")
        case.refresh_from_db()

        shown = page(maria, case)

        assert "the registry's clock is not" in shown
        assert reverse("portal:item", args=[case.items.get(kind="refuse_transfer").id]) not in shown


def _decided(case: Case) -> list[Any]:
    orders = Command.objects.filter(case=case, signal="happened", payload__kind="holder_decided")
    return [order.payload["facts"] for order in orders]


class TestTheHeadline:
    def says(self, case: Case) -> str:
        case.refresh_from_db()
        headline = words.headline(case)
        return f"{headline.title}. {headline.lead}"

    def test_it_is_true_from_the_first_step_to_the_last(self, case: Case) -> None:
        advance(case, stage="confirmed")
        assert "Nothing happens before you confirm it." in self.says(case)
        advance(case, stage="announced")
        assert "It stays where it is until we unlock it." in self.says(case)
        unlocked(case)
        assert "It is unlocked." in self.says(case)
        pending(case)
        assert "Another registrar has asked for it." in self.says(case)
        gone(case, now=now())
        close(case)
        assert self.says(case) == f"{NAME} has moved to another registrar. We no longer look after it."

    def test_one_that_was_stopped_stays(self, case: Case) -> None:
        withdrawing.withdraw(case_id=case.id, by=customer_actor(case.customer))
        assert "This is being stopped" in self.says(case)
        close(case, "withdrawn")
        assert self.says(case) == f"{NAME} stays with us. It is locked: nobody can move it."

    def test_one_that_we_could_not_lock_again_does_not_claim_to_be_locked(self, case: Case) -> None:
        unlocked(case)
        close(case, "failed")

        assert self.says(case) == f"{NAME} stays with us. It is not locked for transfers."


class TestTheDesk:
    def test_staff_see_whether_a_code_is_set_and_never_the_code(self, case: Case) -> None:
        unlocked(case)
        out = TransferOut.objects.get(case=case)
        out.code = "Canary-Canary"
        out.save()

        shown = at_the_desk(case, with_work(case))

        assert "set, and seen by nobody" in shown
        assert "unlocked for a transfer" in shown
        assert "Canary-Canary" not in shown

    def test_staff_see_that_a_frozen_case_does_not_hold_the_registry(self, case: Case) -> None:
        pending(case)
        staff = with_work(case)
        assert "with us; another registrar has asked for it" in at_the_desk(case, staff)

        freezing.freeze(case_id=case.id, by=system(), reason="odd")

        page = at_the_desk(case, staff)
        assert "Otherwise we refuse the transfer, the case ends, and the domain stays." in page
        assert "Refused, if still frozen" in page
        assert "{#" not in page
        assert "paused" in words.headline(Case.objects.get(pk=case.pk)).lead
        assert "we refuse the transfer and the case ends" in page

    def test_who_approves_sees_why_it_needs_a_second_person(self, case: Case) -> None:
        Domain.objects.filter(name=NAME).update(is_high_value=True)
        change_phone(customer=case.customer, days_ago=3)
        item = ask(case, "release_domain", stage="approval")

        lines = [line for _label, line in words.why_careful(case, item)]

        assert lines == [
            "The domain has the mark “high value”.",
            "The telephone number changed less than 30 days before.",
        ]
