"""Opening a transfer-out: which domain can go, and what those hear whose domain cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from backoffice.cases import opening
from backoffice.cases.models import Case, Event
from backoffice.domains import debts, offering
from backoffice.domains.models import Domain, DomainState
from backoffice.domains.transfer_out.eligibility import assess
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.opening import TransferOutForm, why_not
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role
from tests.domains.leaving import PROCESS, leaving, open_by_holder
from tests.factories import actor, change_phone, make_customer, make_debt, make_domain, make_staff, now
from tests.playing import advance, close, customer_actor
from workflows.base.contracts import DoEffect
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db


def domain_with(end: str = "example", **fields: Any) -> Domain:
    domain = make_domain(name=f"tulip{uuid4().hex[:8]}.{end}")
    for field, value in fields.items():
        setattr(domain, field, value)
    domain.save()
    return domain


def test_the_holder_opens_one_and_nothing_else_changes_the_domain_meanwhile() -> None:
    domain = domain_with()

    case = open_by_holder(domain, key="k")

    assert (case.process, case.subject, domain.held_by_case) == (PROCESS, str(domain), case.id)
    assert TransferOut.objects.get(case=case).live
    assert open_by_holder(domain, key="k") == case
    with pytest.raises(Conflict, match=case.reference) as refused:
        open_by_holder(domain)
    assert (refused.value.code, refused.value.field) == ("held", "domain")


def test_it_may_be_named_as_people_write_it() -> None:
    domain = make_domain(name="tulpën.example")

    case, _new = opening.open_by_form(
        process=PROCESS,
        customer=domain.customer,
        by=customer_actor(domain.customer),
        key="k",
        data={"domain": "TULPËN.example."},
    )

    assert TransferOut.objects.get(case=case).domain == domain


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"state": DomainState.GONE}, "gone", "with another registrar"),
        ({"state": DomainState.DISPUTED}, "disputed", "a dispute"),
        ({"state": DomainState.EXPIRED}, "expired", "has expired"),
        ({"statuses": ["serverTransferProhibited"]}, "locked", "registry has locked"),
        ({"statuses": ["pendingTransfer"]}, "locked", "registry has locked"),
        ({"transferred_at": now() - timedelta(days=59)}, "too_early", "lately"),
        ({"transfer_lock_until": now() + timedelta(days=3)}, "too_early", "new holder"),
    ],
)
def test_a_domain_that_cannot_go_is_refused_with_the_reason(fields: dict[str, Any], code: str, says: str) -> None:
    domain = domain_with("com", **fields)

    with pytest.raises(Conflict, match=says) as refused:
        open_by_holder(domain)

    assert (refused.value.code, refused.value.field) == (code, "domain")
    assert not Case.objects.exists()


def test_a_polish_name_goes_after_five_days_and_until_six_before_its_end_and_in_debt_too() -> None:
    too_young = domain_with("pl", registered_at=now() - timedelta(days=4, hours=23))
    too_old = domain_with("pl", expires_at=now() + timedelta(days=5, hours=23))
    in_debt = domain_with("pl", registered_at=now() - timedelta(days=5, hours=1))
    make_debt(in_debt)

    with pytest.raises(Conflict, match="lately"):
        open_by_holder(too_young)
    with pytest.raises(Conflict, match="must be renewed first"):
        open_by_holder(too_old)
    assert open_by_holder(in_debt).process == PROCESS


@pytest.mark.parametrize("named", ["theirs", "nobody.example", "no name", "", "966c23e7-f851-4a8a-87df-45fe0b33790f"])
def test_anothers_domain_and_one_that_nobody_knows_are_refused_in_the_same_words(named: str) -> None:
    mine = make_customer()
    theirs = domain_with()
    named = str(theirs.public_id) if named == "theirs" else named

    with pytest.raises(Invalid) as refused:
        opening.open_by_form(process=PROCESS, customer=mine, by=customer_actor(mine), key="k", data={"domain": named})

    words = "This is not a domain of yours. Choose one of the list." if named else "Choose the domain."
    assert refused.value.errors == {"domain": [words]}


def test_staff_open_one_only_with_the_callers_code() -> None:
    domain = domain_with()

    with pytest.raises(Forbidden) as refused:
        open_by_holder(domain, by=actor(make_staff(role=Role.SUPERVISOR)))

    assert refused.value.code == "needs_phone_code"


def test_the_form_lists_what_cannot_go_with_its_reason_and_the_menu_says_so_when_nothing_can() -> None:
    customer = make_customer()
    domain = make_domain(customer=customer, name="a.example")
    why = debts.sentence(domain, make_debt(domain))

    assert why_not(customer) == why
    make_domain(customer=customer, name="b.example")

    form = TransferOutForm(customer=customer, by=customer_actor(customer))
    assert form.refused == [("a.example", why)]
    assert [name for _id, name in form.fields["domain"].choices] == ["b.example"]  # type: ignore[attr-defined]
    assert why_not(customer) == ""
    assert why_not(make_customer()) == "There is no domain."


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, ""),
        ({"state": DomainState.GONE}, "This domain is with another registrar now. Ask them."),
    ],
)
def test_the_page_of_a_domain_offers_it_or_says_why_not(fields: dict[str, Any], says: str) -> None:
    domain = domain_with("com", **fields)

    start = next(one for one in offering.starts(domain) if one.process == PROCESS)

    assert (start.initial, start.why_not) == ({"domain": str(domain.public_id)}, says)


class TestAssessing:
    def assess(self, case: Case) -> Any:
        case.refresh_from_db()
        return assess(case=case, args=Nothing(), now=now())

    def test_what_the_story_decides_by_is_the_policy_and_the_marks(self) -> None:
        polish, _domain = leaving("a.pl", is_high_value=True)
        generic, _domain = leaving("a.com", is_high_value=True)
        change_phone(customer=generic.customer, days_ago=20)

        first, second = self.assess(polish), self.assess(generic)

        assert (first.unconditional, first.seconds_to_stop, first.needs_approval) == (True, 7200, False)
        assert (second.unconditional, second.seconds_to_stop) == (False, 86400)
        assert (second.high_value, second.contacts_changed, second.needs_approval) == (True, True, True)

    def test_a_domain_that_may_no_longer_leave_is_told_with_its_reason(self) -> None:
        case, domain = leaving("a.com")
        make_debt(domain)

        done = advance(case, effects=(DoEffect("assess_transfer"),))

        assert done.facts == {"refused": True}
        assert Event.objects.get(case=case, kind="transfer_out.not_eligible").data == {"why": "in_debt"}

    def test_a_case_does_not_stand_in_its_own_way(self) -> None:
        assert not self.assess(leaving("a.com")[0]).refused


@pytest.mark.parametrize("outcome", ["done", "withdrawn", "expired", "rejected", "failed"])
def test_however_it_ends_the_domain_can_be_changed_again(outcome: str) -> None:
    case, domain = leaving()

    close(case, outcome)

    domain.refresh_from_db()
    assert domain.held_by_case is None
    assert not TransferOut.objects.get(case=case).live
    assert open_by_holder(domain) != case
