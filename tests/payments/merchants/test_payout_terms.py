"""Where a merchant's money goes is decided by two people, told to the company, and waits before it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from backoffice.cases.models import Event
from backoffice.customers import reading
from backoffice.messages.models import Message
from backoffice.money import Money
from backoffice.payments.merchants import proposing
from backoffice.payments.merchants.models import Merchant, MerchantState, PayoutProposal
from backoffice.payments.merchants.terms import Terms
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role, User
from tests.factories import actor, make_staff, now, sign_in
from tests.payments.making import make_shop
from tests.payments.merchants.applying import admit, apply, checked, decided, make_company, make_merchant

pytestmark = pytest.mark.django_db
ACCOUNT, OTHER = "acct_1NvVvw2eZvKYlo2C", "acct_9ZzYyw2eZvKYlo2D"


@pytest.fixture
def merchant() -> Merchant:
    return make_shop(payout_account=ACCOUNT)


@pytest.fixture
def hanna() -> User:
    return make_staff()


@pytest.fixture
def ada() -> User:
    return make_staff(role=Role.APPROVER)


def terms(account: str = OTHER, fixed: int = 0, points: int = 0, delay: int = 7) -> Terms:
    return Terms(account, Money(fixed, "EUR"), points, delay)


def propose(merchant: Merchant, by: User, wanted: Terms | None = None) -> PayoutProposal:
    return proposing.propose(merchant=merchant, terms=wanted or terms(), by=actor(by), now=now())


def decide(proposal: PayoutProposal, by: User, *, accepted: bool = True) -> Merchant:
    proposing.decide(proposal_id=proposal.pk, accepted=accepted, by=actor(by), now=now())
    return Merchant.objects.get(pk=proposal.merchant_id)


def told(merchant: Merchant) -> set[str]:
    found = Message.objects.filter(contact__customer=merchant.company).values_list("template", flat=True)
    return {name.removeprefix("merchant_admission.") for name in found}


def test_a_new_account_counts_after_a_second_person_and_a_time(merchant: Merchant, hanna: User, ada: User) -> None:
    proposal = propose(merchant, hanna)
    merchant.refresh_from_db()
    assert merchant.payout_account == ACCOUNT

    changed = decide(proposal, ada)

    assert changed.payout_account == OTHER
    assert changed.payout_cools_until is not None
    assert timedelta(hours=71) < changed.payout_cools_until - now() <= timedelta(hours=72)
    assert told(changed) == {"payout_account_changed"}
    kinds = list(Event.objects.filter(case=merchant.case).order_by("number").values_list("kind", flat=True))
    assert kinds == ["merchant.payout_proposed", "merchant.payout_accepted"]
    assert not any(OTHER in str(one.data) for one in Event.objects.filter(case=merchant.case))


def test_another_fee_counts_at_once_and_the_account_does_not_wait(merchant: Merchant, hanna: User, ada: User) -> None:
    changed = decide(propose(merchant, hanna, terms(ACCOUNT, 25, 140, 3)), ada)

    assert changed.terms == terms(ACCOUNT, 25, 140, 3)
    assert changed.payout_cools_until is None
    assert told(changed) == {"payout_terms_changed"}


def test_what_is_refused_changes_nothing_and_tells_nobody(merchant: Merchant, hanna: User, ada: User) -> None:
    unchanged = decide(propose(merchant, hanna), ada, accepted=False)

    assert (unchanged.payout_account, told(unchanged)) == (ACCOUNT, set())


def test_nobody_decides_on_their_own_proposal(merchant: Merchant) -> None:
    sam = make_staff(role=Role.SUPERVISOR)
    proposal = propose(merchant, sam)

    with pytest.raises(Forbidden) as refused:
        decide(proposal, sam)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayoutProposal.objects.filter(pk=proposal.pk).update(
            decided_at=now(), decided_by=proposal.proposed_by, accepted=True
        )

    assert refused.value.code == "four_eyes"
    merchant.refresh_from_db()
    assert merchant.payout_account == ACCOUNT


def test_one_proposal_waits_at_a_time_and_is_decided_once(merchant: Merchant, hanna: User, ada: User) -> None:
    proposal = propose(merchant, hanna)
    with pytest.raises(Conflict, match="waits already"):
        propose(merchant, make_staff())
    decide(proposal, ada)
    with pytest.raises(Conflict, match="decided already"):
        decide(proposal, ada, accepted=False)
    with pytest.raises(NotFound):
        proposing.decide(proposal_id=0, accepted=True, by=actor(ada), now=now())


def test_what_changes_nothing_and_what_has_ended_is_not_proposed(merchant: Merchant, hanna: User) -> None:
    with pytest.raises(Conflict, match="Change something"):
        propose(merchant, hanna, merchant.terms)
    Merchant.objects.filter(pk=merchant.pk).update(state=MerchantState.ENDED, ended_at=now())
    with pytest.raises(Conflict, match="ended"):
        propose(merchant, hanna)


def test_the_admission_says_how_the_merchant_is_paid_and_otherwise_the_usual_holds() -> None:
    usual = make_merchant()
    assert usual.terms == terms("")
    case = apply(make_company())
    checked(case)
    decided(case, payout_account=ACCOUNT, fee_fixed="0.25", fee_percent="1.40", payout_delay="0")

    assert admit(case).terms == terms(ACCOUNT, 25, 140, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payout_account", "NL91ABNA0417164300"),
        ("payout_account", "acct_short"),
        ("fee_percent", "20.01"),
        ("fee_percent", "-1"),
        ("payout_delay", "91"),
        ("fee_fixed", "much"),
    ],
)
def test_what_cannot_be_is_refused_on_its_field(field: str, value: str) -> None:
    case = apply(make_company())
    checked(case)

    with pytest.raises(Invalid) as refused:
        decided(case, **{field: value})

    assert list(refused.value.errors) == [field]


def page(merchant: Merchant, name: str = "payouts", *more: Any) -> str:
    return reverse(f"admin:merchant_admission:{name}", args=[merchant.case.reference, *more])


def read(client: Client, merchant: Merchant, user: User) -> str:
    sign_in(client, user)
    reading.open_record(customer=merchant.company, by=actor(user), user=user, now=now(), reason="They called about it")
    return " ".join(client.get(page(merchant)).content.decode().split())


def test_one_proposes_on_the_page_and_another_accepts(
    merchant: Merchant, client: Client, hanna: User, ada: User
) -> None:
    assert "Propose something else" in read(client, merchant, hanna)
    data = {"payout_account": OTHER, "fee_fixed": "0.25", "fee_percent": "1.4", "payout_delay": "7"}
    assert client.post(page(merchant), data).status_code == 302
    own = read(client, merchant, hanna)
    assert "You proposed this; another person must decide." in own

    theirs = read(client, merchant, ada)
    assert "call the company on a number that was on file before" in theirs
    proposal = PayoutProposal.objects.get()
    client.post(page(merchant, "decide_payouts", proposal.pk), {"decision": "accept"})

    merchant.refresh_from_db()
    assert merchant.terms == terms(OTHER, 25, 140, 7)
    assert "Nothing is paid out yet" in read(client, merchant, ada)


def test_what_is_wrong_stands_on_its_field(merchant: Merchant, client: Client, hanna: User) -> None:
    read(client, merchant, hanna)

    answer = client.post(page(merchant), {"payout_account": "acct_x"})
    assert answer.status_code == 400
    assert "10 to 40 letters and digits" in answer.content.decode()


def test_without_a_need_to_know_nobody_reads_it(merchant: Merchant, client: Client, hanna: User) -> None:
    sign_in(client, hanna)

    assert client.get(page(merchant)).status_code == 403
