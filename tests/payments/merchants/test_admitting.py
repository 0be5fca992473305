"""From the papers to the merchant: what each person finds and decides, and nobody does twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.test import Client

from backoffice.actors import Level
from backoffice.cases import answering, evidence
from backoffice.cases.models import Case, CaseState, Event
from backoffice.customers import reading
from backoffice.documents.models import Document
from backoffice.money import Money
from backoffice.payments.merchants import limits, papers, words
from backoffice.payments.merchants.models import Merchant, MerchantApplication, MerchantState
from backoffice.payments.merchants.standing import why_not_take
from backoffice.refusals import Forbidden, Invalid, NeedsProof, NotFound
from backoffice.staff.models import Role
from tests.factories import actor, make_staff, now, sign_in
from tests.payments.merchants.applying import (
    AS_BEFORE,
    LIMITS,
    admit,
    answer,
    apply,
    checked,
    decided,
    extract_of,
    make_company,
    make_merchant,
    with_extract,
)
from tests.playing import advance, ask, close, customer_actor
from workflows.base.contracts import DoEffect
from workflows.merchant_admission.spec import PERIODS

pytestmark = pytest.mark.django_db


def eur(text: str) -> Money:
    return Money.of(Decimal(text), "EUR")


def last_event(case: Case, kind: str) -> Event:
    return Event.objects.filter(case=case, kind=kind).latest("number")


class TestPapers:
    def test_the_company_sends_its_extract_and_agrees_to_the_words_that_it_saw(self) -> None:
        case = apply(make_company())

        answer(with_extract(case), agrees="on")

        applied = MerchantApplication.objects.get(case=case)
        assert applied.agreed_sha256 == papers.hash_of_terms()
        assert applied.agreed_at is not None
        assert last_event(case, "merchant.agreed").data == {"terms": papers.hash_of_terms()[:16]}

    def test_without_the_extract_or_the_agreement_nothing_is_taken(self) -> None:
        item = ask(apply(make_company()), "send_papers")

        with pytest.raises(Invalid) as refusal:
            answer(item)

        assert refusal.value.errors.keys() == {"extract", "agrees"}

    def test_it_needs_a_proof_of_its_own(self) -> None:
        item = with_extract(apply(make_company()))

        with pytest.raises(NeedsProof):
            answering.answer(item_id=item.id, by=customer_actor(item.case.customer), data={"agrees": "on"})

    def test_another_company_sends_nothing(self) -> None:
        item = with_extract(apply(make_company()))
        other = customer_actor(make_company(), level=Level.CONFIRMED, proof="totp")

        with pytest.raises(NotFound):
            answering.answer(item_id=item.id, by=other, data={"agrees": "on"})


class TestRegisterCheck:
    def test_the_form_shows_the_extract_beside_what_is_on_file(self) -> None:
        company = make_company(organisation_name="Fleur B.V.")
        case = apply(company, trade="5942")
        answer(with_extract(case), agrees="on")
        item = ask(case, "check_register")

        [shown] = evidence.of_item(item)

        number = company.national_ids.get().number
        assert dict(shown.lines)["Company"] == "Fleur B.V."
        assert number in dict(shown.lines)["Its numbers"]
        assert dict(shown.lines)["Trade"] == "books"
        assert dict(shown.lines)["Account"] == "NL91 ABNA 0417 1643 00"
        assert dict(shown.lines)["Highest single amount"] == "250.00 EUR"

    @pytest.mark.parametrize(
        ("found", "field"),
        [
            ({"number": "no"}, "outcome"),
            ({"outcome": "ask_again", "remark": "Too old"}, "outcome"),
            ({"fresh": "no", "outcome": "ask_again"}, "remark"),
            ({"active": ""}, "active"),
        ],
    )
    def test_what_follows_must_fit_the_list(self, found: dict[str, str], field: str) -> None:
        case = apply(make_company())

        with pytest.raises(Invalid) as refusal:
            checked(case, **found)

        assert list(refusal.value.errors) == [field]

    def test_the_remark_reaches_the_person_who_decides_and_no_timeline(self) -> None:
        case = apply(make_company())
        checked(case, entitled="no", outcome="does_not_fit", remark="Signed by a stranger")

        item = ask(case, "decide_admission")

        assert ("What does not fit", "Signed by a stranger") in evidence.of_item(item)[1].lines
        assert "stranger" not in str(list(Event.objects.filter(case=case).values_list("data", "reason")))


class TestDecision:
    def test_approved_it_becomes_a_merchant_with_the_limits_of_the_second_person(self) -> None:
        case = apply(make_company(), trading_name="Fleur")
        checked(case)
        decided(case)

        merchant = admit(case)

        assert merchant.state == MerchantState.ADMITTED
        assert [str(one) for one in (merchant.limits.per_payment, merchant.limits.per_month)] == [
            "250.00 EUR",
            "9000.00 EUR",
        ]
        assert merchant.review_due - merchant.admitted_at == PERIODS.until_the_next_review
        assert words.headline(case).title == "Fleur is a merchant"

    @pytest.mark.parametrize(
        ("decision", "field", "says"),
        [
            ({"per_payment": "2000.01"}, "per_payment", "at most"),
            ({"per_day": ""}, "per_day", "Write this limit"),
            ({"per_day": "249.99"}, "per_day", "less than the limit before"),
            ({"per_month": "1,5,0"}, "per_month", "in digits"),
            ({"outcome": "refused"}, "because", "Choose"),
            ({"reason": ""}, "reason", ""),
        ],
    )
    def test_what_is_wrong_is_said_on_its_field(self, decision: dict[str, str], field: str, says: str) -> None:
        case = apply(make_company())
        checked(case)

        with pytest.raises(Invalid) as refusal:
            decided(case, **decision)

        assert list(refusal.value.errors) == [field]
        assert says in refusal.value.errors[field][0]

    def test_what_does_not_fit_the_register_cannot_be_admitted(self) -> None:
        case = apply(make_company())
        checked(case, number="no", outcome="does_not_fit", remark="Another number")

        with pytest.raises(Invalid) as refusal:
            decided(case)

        assert "do not fit" in refusal.value.errors["outcome"][0]

    def test_a_trade_that_is_not_admitted_any_more_cannot_be_admitted(self) -> None:
        case = apply(make_company())
        checked(case)
        MerchantApplication.objects.filter(case=case).update(trade="7995")

        with pytest.raises(Invalid, match="We do not admit this trade"):
            decided(case)

    def test_a_refused_company_is_told_why_in_words(self) -> None:
        case = apply(make_company())
        checked(case)
        decided(case, outcome="refused", because="account", told="The account is in your own name.")
        close(case, "rejected")

        lead = words.headline(case).lead

        assert "because the account for the payments is not the company's" in lead
        assert "The account is in your own name." in lead
        assert words.shown_in_messages(case, "admission_ended")["why"].startswith("the account")
        assert not Merchant.objects.exists()

    def test_who_checked_does_not_decide_on_any_route(self) -> None:
        both = make_staff()
        both.groups.add(*make_staff(role=Role.APPROVER).groups.all())
        case = apply(make_company())
        checked(case, both)

        with pytest.raises(Forbidden, match="You checked this merchant"):
            decided(case, both)

    def test_who_applied_for_it_at_the_desk_neither_checks_nor_decides(self) -> None:
        agent = make_staff()
        case = apply(make_company(), actor(agent))

        with pytest.raises(Forbidden, match="You opened this case"):
            checked(case, agent)

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.SUPERVISOR, Role.COMPLIANCE])
    def test_only_an_approver_decides(self, role: Role) -> None:
        case = apply(make_company())
        checked(case)

        with pytest.raises(Forbidden):
            decided(case, make_staff(role=role))


class TestEnd:
    def test_a_merchant_that_stops_can_take_nothing_and_may_apply_again(self) -> None:
        merchant = make_merchant()
        advance(merchant.case, effects=(DoEffect("end_merchant"),), compensating=True)
        close(merchant.case, "withdrawn")

        merchant.refresh_from_db()
        assert (merchant.state, bool(merchant.ended_at)) == (MerchantState.ENDED, True)
        assert apply(merchant.company, trading_name=merchant.trading_name)

    @pytest.mark.parametrize(("admitted", "days"), [(True, papers.AS_MERCHANT.days), (False, 90)])
    def test_the_extract_is_kept_as_long_as_it_may_be_needed(self, admitted: bool, days: int) -> None:
        case = make_merchant().case if admitted else apply(make_company())
        if not admitted:
            with_extract(case)

        close(case, "withdrawn")

        kept: Document = extract_of(case)
        case.refresh_from_db()
        assert case.state == CaseState.CLOSED
        assert kept.retain_until is not None
        assert abs(kept.retain_until - (now() + timedelta(days=days))) < timedelta(minutes=5)


class TestReview:
    def test_the_next_review_is_due_in_a_year(self) -> None:
        merchant = make_merchant()
        answer(ask(merchant.case, "review_merchant", stage="review"), make_staff(), **AS_BEFORE)

        advance(merchant.case, effects=(DoEffect("note_review"),))

        merchant.refresh_from_db()
        assert merchant.reviewed_at is not None
        assert merchant.review_due - merchant.reviewed_at == PERIODS.until_the_next_review

    def test_the_person_who_checked_it_at_first_may_review_it_and_not_decide(self) -> None:
        both = make_staff()
        both.groups.add(*make_staff(role=Role.APPROVER).groups.all())
        case = apply(make_company())
        checked(case, both)
        decided(case)
        admit(case)
        found = {"same_trade": "no", "outcome": "changed", "remark": "They sell wine too"}
        answer(ask(case, "review_merchant"), both, **{**AS_BEFORE, **found})
        item = ask(case, "decide_review")

        with pytest.raises(Forbidden):
            answer(item, both, outcome="continues", reason="It is fine", **LIMITS)

        assert ("What is not as it was", "They sell wine too") in evidence.of_item(item)[1].lines

    def test_new_limits_are_in_force_at_once(self) -> None:
        merchant = make_merchant()
        item = ask(merchant.case, "decide_review")
        limits = {"per_payment": "100", "per_day": "200", "per_month": "300"}

        answer(item, make_staff(role=Role.APPROVER), outcome="continues", reason="Many disputes", **limits)

        merchant.refresh_from_db()
        assert merchant.limits.per_day == eur("200")
        told = last_event(merchant.case, "merchant.limits_decided").data
        assert told == {"per_payment": "100.00 EUR", "per_day": "200.00 EUR", "per_month": "300.00 EUR"}

    def test_a_trade_that_we_admit_no_longer_does_not_go_on(self) -> None:
        merchant = make_merchant()
        Merchant.objects.filter(pk=merchant.pk).update(trade="7995")
        item = ask(merchant.case, "decide_review")

        with pytest.raises(Invalid) as refusal:
            answer(item, make_staff(role=Role.APPROVER), outcome="continues", reason="It is fine", **LIMITS)

        assert list(refusal.value.errors) == ["outcome"]


class TestStanding:
    @pytest.mark.parametrize(
        ("amount", "today", "month", "says"),
        [
            ("250.00", "0", "0", ""),
            ("250.01", "0", "0", "in one payment: 250.00 EUR"),
            ("250", "750", "750", ""),
            ("250", "750.01", "751", "in a day: 1,000.00 EUR"),
            ("250", "0", "8750.01", "in a month: 9,000.00 EUR"),
        ],
    )
    def test_no_payment_goes_over_a_limit(self, amount: str, today: str, month: str, says: str) -> None:
        merchant = make_merchant()

        refusal = why_not_take(merchant, eur(amount), taken_today=eur(today), taken_this_month=eur(month))

        assert says in refusal
        assert bool(says) == bool(refusal)

    def test_other_money_is_refused(self) -> None:
        pounds = Money(100, "GBP")

        assert "in EUR only" in why_not_take(make_merchant(), pounds, taken_today=eur("0"), taken_this_month=eur("0"))


class TestConstraints:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"per_payment": 0},
            {"per_day": 1},
            {"per_month": 1},
            {"state": "ended"},
            {"ended_at": now()},
            {"currency": "eur"},
        ],
    )
    def test_the_database_keeps_a_merchant_whole(self, wrong: dict[str, Any]) -> None:
        merchant = make_merchant()

        with pytest.raises(IntegrityError), transaction.atomic():
            Merchant.objects.filter(pk=merchant.pk).update(**wrong)

    def test_and_two_of_one_name_apart(self) -> None:
        one, other = make_merchant(), make_merchant()

        with pytest.raises(IntegrityError), transaction.atomic():
            Merchant.objects.filter(pk=one.pk).update(name_key=other.name_key)


class TestCaps:
    def test_they_are_read_in_the_currency_s_own_decimals(self, settings: Any) -> None:
        settings.MERCHANT_CAPS = ["JPY 300000/3000000/30000000", "KWD 600.125/6000/60000"]

        assert {code: str(cap.per_payment) for code, cap in limits.caps().items()} == {
            "JPY": "300000 JPY",
            "KWD": "600.125 KWD",
        }

    @pytest.mark.parametrize(
        "written", ["EUR 100/50/1000", "EUR 0/0/0", "EUR 100/200", "EUR 1/2/3/4", "EUR", "ABC 1/2/3", "EUR x/2/3"]
    )
    def test_what_cannot_be_a_cap_stops_the_start(self, settings: Any, written: str) -> None:
        settings.MERCHANT_CAPS = [written]

        with pytest.raises(ImproperlyConfigured, match="MERCHANT_CAPS"):
            limits.caps()


def test_the_record_is_read_with_a_reason_and_changed_by_no_form(client: Client) -> None:
    merchant, sam = make_merchant(), make_staff(role=Role.SUPERVISOR)
    sign_in(client, sam)
    address = f"/desk/payments/merchant/{merchant.pk}/change/"

    assert client.get(address).status_code == 403
    reading.open_record(customer=merchant.company, by=actor(sam), user=sam, now=now(), reason="They called about it")
    page = client.get(address).content.decode()
    client.post(address, {"state": "ended"})

    assert "250.00 EUR" in page
    assert "0417164300" not in page
    merchant.refresh_from_db()
    assert merchant.state == MerchantState.ADMITTED
