"""What the merchant of a disputed payment is asked, sends, and is told; and that the desk reads it when it decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.cases import answering, catalogue
from backoffice.cases.models import Case, Command
from backoffice.documents import storing
from backoffice.documents.models import Document, Origin
from backoffice.payments.claim_answers import sending
from backoffice.payments.claim_answers.words import in_console, shown_in_messages
from backoffice.payments.claims import paying_back
from backoffice.payments.voice.models import VoicePayment
from backoffice.refusals import Invalid, Refused
from backoffice.staff.models import Role
from tests.documents import hostile
from tests.factories import actor, make_staff, now
from tests.payments.agents.companies import agent_in_front
from tests.payments.claims.claiming import Refunds, answer, claim, make_paid, of
from tests.payments.claims.test_settling import credited, decide, pay_back
from tests.playing import ask, close, customer_actor

pytestmark = pytest.mark.django_db
SAID = "We handed it over at the door on Tuesday; the slip is signed."


def answer_of(case: Case) -> Case:
    return Case.objects.get(claim_answer__claim__case=case)


def told(case: Case) -> list[tuple[str, str]]:
    """The signals to the merchant's case, with how it was decided."""
    found = Command.objects.filter(case=answer_of(case), payload__has_key="kind").order_by("number")
    return [(one.payload["kind"], one.payload["facts"].get("how", "")) for one in found]


def test_with_a_claim_its_merchant_is_asked_long_before_the_decision() -> None:
    case = claim(make_paid(amount=25_00), amount="10.00")
    merchants = answer_of(case)

    assert merchants.customer_id == of(case).payment.merchant.company_id
    assert now() + timedelta(days=6) < merchants.claim_answer.evidence_by < of(case).decide_by
    shown = shown_in_messages(merchants, "merchant_claim_opened")
    assert (shown["order"], shown["amount"]) == (of(case).payment.case.reference, "10.00 EUR")
    assert set(shown) == {"order", "amount", "day", "paid_out"}


def test_a_merchant_reads_nothing_of_its_customer() -> None:
    case = claim(make_paid(), text="I am ill and at home all day.")
    merchants = answer_of(case)
    client, company = Client(), merchants.customer
    assert company.user is not None
    client.force_login(company.user)

    shown = client.get(reverse("portal:case", args=[merchants.reference])).content.decode()

    assert "25.00 EUR" in shown
    for secret in ("I am ill", str(case.customer), "4242", case.reference):
        assert secret not in shown


def test_what_it_sends_is_before_whoever_decides() -> None:
    case = claim()
    merchants = answer_of(case)
    item = ask(merchants, "send_evidence")
    by = customer_actor(merchants.customer)
    what = storing.What(
        purpose=sending.EVIDENCE, origin=Origin.UPLOADED, case=merchants, item=item, customer=merchants.customer
    )
    storing.keep(what, hostile.pdf(), media_type="application/pdf", pages=1, by=by, now=now())
    assert "Has not answered" in sending.says(case)[0][1]

    answer(item, text=SAID)

    assert dict(sending.says(case))["The merchant says"] == SAID
    decision = ask(case, "investigate")
    form = catalogue.answering(decision).form_for(decision, by=actor(make_staff(role=Role.SUPERVISOR)))
    assert form.fields["sent"].widget.documents == [Document.objects.get(case=merchants)]


@pytest.mark.parametrize("text", ["", "4242 4242 4242 4242"])
def test_evidence_without_words_or_with_a_card_number_is_refused_on_its_field(text: str) -> None:
    item = ask(answer_of(claim()), "send_evidence")

    with pytest.raises(Invalid) as refused:
        answer(item, text=text)

    assert list(refused.value.errors) == ["text"]


def test_nobody_but_the_merchant_sends_its_evidence() -> None:

    case = claim()
    item = ask(answer_of(case), "send_evidence")

    for other in (customer_actor(case.customer), actor(make_staff(role=Role.SUPPORT))):
        with pytest.raises(Refused):
            answering.answer(item_id=item.id, by=other, data={"text": SAID})


def test_a_merchant_that_bears_it_is_told_of_the_decision_and_of_the_money(monkeypatch: pytest.MonkeyPatch) -> None:
    payment = make_paid()
    monkeypatch.setattr(paying_back, "provider", lambda: Refunds(payment))
    case = credited(payment)
    decide(case, "merchant")
    assert told(case) == [("claim_decided", "merchant")]

    pay_back(case)
    close(case)

    assert told(case) == [("claim_decided", "merchant"), ("money_taken", "")]


@pytest.mark.parametrize(
    ("verdict", "outcome", "how"),
    [
        ("us", "done", "us"),
        ("wrong", "rejected", "wrong"),
        ("", "withdrawn", "withdrawn"),
    ],
)
def test_every_end_of_a_claim_is_told_once(verdict: str, outcome: str, how: str) -> None:
    case = credited(make_paid())
    if verdict:
        decide(case, verdict)
    close(case, outcome)

    assert told(case) == [("claim_decided", how)]


def test_a_decision_that_the_customer_can_still_answer_is_not_told_yet() -> None:
    case = credited(make_paid())
    decide(case, "wrong")

    assert told(case) == []


def console(payment: VoicePayment, client: Client) -> str:
    page = client.get(reverse("portal:voice_payment:order", args=[payment.case.reference]))
    return " ".join(page.content.decode().split())


def test_the_console_says_how_the_claim_stands_and_by_when_evidence_counts() -> None:
    payment = make_paid()
    _robin, client = agent_in_front(payment.merchant)
    assert "disputes" not in console(payment, client)
    case = claim(payment, amount="10.00")

    shown = console(payment, client)
    assert "The customer disputes 10.00 EUR of this payment" in shown
    assert "send evidence until" in shown
    answer(ask(answer_of(case), "send_evidence"), text=SAID)
    assert "We have your evidence" in console(payment, client)
    decide(case, "us")
    assert "Nothing is taken from you" in in_console(payment)[0].says


def test_the_customer_sees_by_when_the_shop_can_answer() -> None:
    case = claim()
    client, user = Client(), case.customer.user
    assert user is not None
    client.force_login(user)

    assert "The shop can answer until" in client.get(reverse("portal:case", args=[case.reference])).content.decode()
