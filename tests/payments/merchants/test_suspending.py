"""A merchant is suspended at once, and another person decides what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases import evidence, freezing, withdrawing
from backoffice.cases.models import CaseState, Command, Event
from backoffice.customers import reading
from backoffice.money import Money
from backoffice.payments.merchants import suspending, words
from backoffice.payments.merchants.models import Merchant, MerchantState, SuspendedFor, Suspension
from backoffice.payments.merchants.standing import why_not_take
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role, User
from tests.factories import actor, make_staff, now, sign_in
from tests.payments.merchants.applying import answer, apply, make_company, make_merchant
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import DoEffect

pytestmark = pytest.mark.django_db
WHY = "Three customers disputed payments today"
NOTHING = Money(0, "EUR")


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


@pytest.fixture
def sue() -> User:
    return make_staff(role=Role.SUPERVISOR, first_name="Sue", last_name="de Wit")


def suspend(merchant: Merchant, by: User | None = None, **how: Any) -> Suspension:
    told = {"reason": SuspendedFor.DISPUTES, "remark": WHY, **how}
    return suspending.suspend(merchant=merchant, by=actor(by) if by else system(), now=now(), **told)


def decide(merchant: Merchant, by: User, outcome: str = "reinstated", **more: str) -> None:
    item = ask(merchant.case, "look_into_suspension", stage="suspended")
    answer(item, by, outcome=outcome, reason="I called the company", **more)


def test_risk_suspends_it_at_once_and_its_process_is_told(merchant: Merchant) -> None:
    suspend(merchant, reason=SuspendedFor.RISK, remark="")

    merchant.refresh_from_db()
    assert merchant.state == MerchantState.SUSPENDED
    assert "suspended" in why_not_take(merchant, Money(1, "EUR"), taken_today=NOTHING, taken_this_month=NOTHING)
    assert Command.objects.get(case=merchant.case, signal="happened").payload["kind"] == "merchant_suspended"
    assert Event.objects.get(kind="merchant.suspended").data == {"suspended_for": "risk"}


def test_suspended_twice_is_suspended_once(merchant: Merchant, sue: User) -> None:
    first = suspend(merchant)

    assert suspend(merchant, sue) == first
    assert Command.objects.filter(case=merchant.case, signal="happened").count() == 1


@pytest.mark.parametrize("remark", ["odd", "The card was 4242 4242 4242 4242"])
def test_a_person_says_why_and_no_card_number(merchant: Merchant, sue: User, remark: str) -> None:
    with pytest.raises(Invalid) as refusal:
        suspend(merchant, sue, remark=remark)

    assert list(refusal.value.errors) == ["remark"]
    merchant.refresh_from_db()
    assert merchant.state == MerchantState.ADMITTED


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.APPROVER, Role.FIELD, Role.ADMINISTRATOR])
def test_other_roles_do_not_suspend(merchant: Merchant, role: Role) -> None:
    with pytest.raises(Forbidden):
        suspend(merchant, make_staff(role=role))


def test_a_company_does_not_suspend_itself_or_lift_it(merchant: Merchant) -> None:
    by = customer_actor(merchant.company)
    with pytest.raises(Forbidden):
        suspending.suspend(merchant=merchant, reason=SuspendedFor.OTHER, by=by, now=now(), remark=WHY)
    suspend(merchant)

    with pytest.raises(Forbidden):
        suspending.reinstate(merchant=merchant, by=by, now=now())


def test_an_ended_merchant_is_not_suspended(merchant: Merchant, sue: User) -> None:
    advance(merchant.case, effects=(DoEffect("end_merchant"),), compensating=True)

    with pytest.raises(Conflict, match="has ended"):
        suspend(merchant, sue)


class TestDecision:
    def test_another_person_lets_it_go_on(self, merchant: Merchant, sue: User) -> None:
        suspension = suspend(merchant, sue)
        other = make_staff(role=Role.SUPERVISOR)

        decide(merchant, other)

        merchant.refresh_from_db()
        suspension.refresh_from_db()
        assert merchant.state == MerchantState.ADMITTED
        assert (suspension.by, suspension.lifted_by) == (str(sue.public_id), str(other.public_id))
        assert Event.objects.filter(case=merchant.case, kind="merchant.reinstated").exists()

    @pytest.mark.parametrize(("outcome", "more"), [("reinstated", {}), ("ends", {"because": "risk"})])
    def test_who_suspended_it_decides_nothing(
        self, merchant: Merchant, sue: User, outcome: str, more: dict[str, str]
    ) -> None:
        suspend(merchant, sue)

        with pytest.raises(Forbidden, match="You suspended this merchant"):
            decide(merchant, sue, outcome, **more)

        merchant.refresh_from_db()
        assert merchant.state == MerchantState.SUSPENDED

    def test_the_rule_refuses_them_on_every_other_route_too(self, merchant: Merchant, sue: User) -> None:
        suspend(merchant, sue)

        with pytest.raises(Forbidden, match="another person"):
            suspending.reinstate(merchant=merchant, by=actor(sue), now=now())

    def test_and_so_does_the_database(self, merchant: Merchant, sue: User) -> None:
        suspension = suspend(merchant, sue)

        for lifted_by in (str(sue.public_id), ""):
            with pytest.raises(IntegrityError), transaction.atomic():
                Suspension.objects.filter(pk=suspension.pk).update(lifted_at=now(), lifted_by=lifted_by)

    def test_the_end_is_told_to_the_company_in_words(self, merchant: Merchant) -> None:
        suspend(merchant)

        decide(merchant, make_staff(role=Role.SUPERVISOR), "ends", because="disputes", told="See the list we sent.")

        assert words.shown_in_messages(merchant.case, "admission_ended")["why"] == "too many payments were disputed"

    def test_what_was_not_suspended_is_not_lifted(self, merchant: Merchant, sue: User) -> None:
        with pytest.raises(Conflict, match="is not suspended"):
            suspending.reinstate(merchant=merchant, by=actor(sue), now=now())

    def test_who_decides_sees_who_suspended_it_and_why(self, merchant: Merchant, sue: User) -> None:
        suspend(merchant, sue)

        shown = dict(evidence.of_item(ask(merchant.case, "look_into_suspension"))[0].lines)

        assert (shown["Suspended by"], shown["Remark"]) == ("Sue de Wit", WHY)


class TestPaused:
    def test_a_paused_case_suspends_its_merchant_and_does_not_lift_it(self, merchant: Merchant, sue: User) -> None:
        freezing.freeze(case_id=merchant.case_id, by=system(), reason="suspicion")
        merchant.refresh_from_db()
        assert merchant.state == MerchantState.SUSPENDED
        assert merchant.suspensions.get().reason == SuspendedFor.PAUSED

        freezing.unfreeze(case_id=merchant.case_id, by=actor(sue), reason="Cleared")

        merchant.refresh_from_db()
        assert merchant.state == MerchantState.SUSPENDED

    def test_the_company_can_stop_being_a_merchant(self, merchant: Merchant) -> None:
        case = withdrawing.withdraw(case_id=merchant.case_id, by=customer_actor(merchant.company))

        assert case.state == CaseState.STOPPING


class TestAtTheDesk:
    def at_desk(self, merchant: Merchant, user: User) -> Client:
        reading.open_record(
            customer=merchant.company, by=actor(user), user=user, now=now(), reason="Disputed payments today"
        )
        return sign_in(Client(), user)

    def address(self, merchant: Merchant) -> str:
        return reverse("admin:merchant_admission:suspend", args=[merchant.case.reference])

    def test_a_supervisor_suspends_it_from_the_page_of_its_case(self, merchant: Merchant, sue: User) -> None:
        desk = self.at_desk(merchant, sue)
        page = desk.get(reverse("admin:desk_case", args=[merchant.case.reference])).content.decode()
        assert self.address(merchant) in page
        assert "250.00 EUR a payment" in page

        response = desk.post(self.address(merchant), {"reason": "disputes", "remark": WHY})

        assert response.status_code == 302
        page = desk.get(response.headers["Location"]).content.decode()
        assert "Sue de Wit" in page
        assert self.address(merchant) not in page

    def test_what_was_typed_stands_there_again_with_what_is_wrong(self, merchant: Merchant, sue: User) -> None:
        response = self.at_desk(merchant, sue).post(self.address(merchant), {"reason": "disputes", "remark": "odd"})

        assert response.status_code == 400
        assert "Say it in at least 10 characters." in response.content.decode()
        assert "odd</textarea>" in response.content.decode()

    def test_no_card_number_is_kept(self, merchant: Merchant, sue: User) -> None:
        remark = "Card 4242 4242 4242 4242 was used"

        response = self.at_desk(merchant, sue).post(self.address(merchant), {"reason": "disputes", "remark": remark})

        assert "looks like a card number" in response.content.decode()
        assert not Suspension.objects.exists()

    def test_other_roles_are_shown_no_button_and_have_no_page(self, merchant: Merchant) -> None:
        desk = self.at_desk(merchant, make_staff())

        assert (
            self.address(merchant)
            not in desk.get(reverse("admin:desk_case", args=[merchant.case.reference])).content.decode()
        )
        assert desk.get(self.address(merchant)).status_code == 403

    def test_without_a_reason_to_read_it_the_desk_asks_why(self, merchant: Merchant, sue: User) -> None:
        response = sign_in(Client(), sue).get(self.address(merchant))

        assert response.status_code == 403
        assert "Why do you open this record?" in response.content.decode()

    def test_a_case_without_a_merchant_has_no_such_page(self, sue: User) -> None:
        case = apply(make_company())
        reading.open_record(customer=case.customer, by=actor(sue), user=sue, now=now(), reason="They called about it")

        response = sign_in(Client(), sue).get(reverse("admin:merchant_admission:suspend", args=[case.reference]))

        assert response.status_code == 404
