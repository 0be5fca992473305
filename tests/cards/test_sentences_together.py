"""Every sentence of a card reissue that its customer reads, for each who opened it, each reason and each state: what
must not stand together does not."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cards.models import Card, CardReissue, CardState, Reason, Shipping
from backoffice.cards.reissue import blocking
from backoffice.cards.reissue.process import PROCESS
from backoffice.cards.reissue.survey import SurveyForm
from backoffice.cases import opening
from backoffice.cases.models import Case, CaseOutcome, CaseState
from backoffice.cases.unit_of_work import changing
from backoffice.messages import composing
from backoffice.ui import states
from tests.factories import actor, make_card, make_staff
from tests.playing import ask, customer_actor, outside_actor, system
from tests.reading import GENDERED, REFERENCE
from workflows.card_reissue.spec import BLOCKED_NOTICE, CARD_REISSUE, ENDED_NOTICE, OPENED_NOTICE, SURVEY

pytestmark = pytest.mark.django_db
OPENERS = ("outside", "customer", "staff")
BLOCKING = (Reason.LOST, Reason.STOLEN, Reason.FRAUD)
LIVE = ("open", "frozen", "stopping")
ENDED = ("withdrawn", "expired", "rejected", "failed")
POSSIBLE = [
    (opener, reason, state)
    for opener, reason, state in itertools.product(OPENERS, Reason, (*LIVE, *ENDED, "done"))
    if (opener != "outside" or reason == Reason.FRAUD) and (opener != "customer" or reason != Reason.EXPIRING)
]
PROMISES = r"working on a new|make you a new|making you a new|get a new card|next step is a new card"
SAW = r"\bwe saw\b|look like you|look like yours"
UNDONE = r"undone|taking back|nothing (has )?changed|works again|go on using"


@dataclass(frozen=True)
class Read:
    """`page` is what the page of the case says on top; `told` are the mails and text messages, by their name."""

    page: str
    told: dict[str, str]
    asked: str

    @property
    def all(self) -> str:
        return "\n".join([self.page, self.asked, *self.told.values()])


def opened(card: Card, opener: str, reason: Reason) -> Case:
    by: Actor = outside_actor() if opener == "outside" else customer_actor(card.customer)
    if opener == "staff":
        by = actor(make_staff())
    data = {"card": str(card.public_id), "reason": reason.value}
    case, _ = opening.open_by_form(process="card_reissue", customer=card.customer, by=by, key=str(card.pk), data=data)
    return case


def put(case: Case, state: str) -> Case:
    """As the case is in the database in this state; a lost card that was withdrawn has been released."""
    closed = state in CaseOutcome.values
    case.state = CaseState.CLOSED if closed else CaseState(state)
    case.outcome = CaseOutcome(state) if closed else CaseOutcome.NONE
    case.waiting_on = "nobody" if closed else "us"
    case.save()
    return case


def read(opener: str, reason: Reason, state: str, *, released: bool = False) -> Read:
    card = make_card()
    case = opened(card, opener, reason)
    if reason in BLOCKING:
        with changing(case.id) as locked:
            blocking.blocked(locked, by=system(), now=timezone.now())
        case.refresh_from_db()
    form = SurveyForm(item=ask(case, SURVEY.name), by=system(), kind=SURVEY)
    if released:
        Card.objects.filter(pk=card.pk).update(state=CardState.ACTIVE)
    put(case, state)
    headline = PROCESS.headline(case) if PROCESS.headline else None
    assert headline is not None
    standing = states.for_customer(case, acting=case, turns=[])
    asked = [str(part) for field in form.fields.values() for part in (field.label, field.help_text)]
    page = "\n".join([headline.title, headline.lead, standing.words, standing.says])
    return Read(page, dict(told(case, reason, state)), "\n".join(asked))


def told(case: Case, reason: Reason, state: str) -> Iterator[tuple[str, str]]:
    fresh = Case.objects.select_related("customer").get(id=case.id)
    for notice in CARD_REISSUE.notices:
        if notice in ((BLOCKED_NOTICE,) if reason not in BLOCKING else (OPENED_NOTICE,)):
            continue
        if (notice == ENDED_NOTICE) != (state in ENDED):
            continue
        context = PROCESS.message_facts(fresh, notice.name) | ({"how": state} if notice == ENDED_NOTICE else {})
        for write in (composing.mail, composing.sms):
            words = write(
                PROCESS.message(notice.name),
                customer=fresh.customer,
                case_reference=fresh.reference,
                check_code="4F7-K2M-9QX-3TR-6Y",
                context=context,
            )
            yield f"{notice.name} {write.__name__}", getattr(words, "subject", "") + "\n" + words.text


def says(pattern: str, text: str) -> list[str]:
    return [line for line in text.splitlines() if re.search(pattern, line, re.IGNORECASE)]


@pytest.mark.parametrize(("opener", "reason", "state"), POSSIBLE)
def test_what_must_not_stand_together_does_not(opener: str, reason: Reason, state: str) -> None:
    """And who is to call us reads the number."""
    found = read(opener, reason, state)

    assert [name for name, text in found.told.items() if not the_number_stands_there(text)] == []
    assert not says(r"we stopped a|we stopped it", found.all), "nobody knows whether a payment was stopped"
    assert not says(r"number on (your|the) card", found.all), "who lost the card cannot read it"
    assert not GENDERED.search(REFERENCE.sub("", found.all))
    if opener != "outside":
        assert not says(SAW, found.all), "who reported it is not told that we saw it"
    if state not in ("open", "done"):
        assert not says(PROMISES, found.page), "what does not go on promises no new card"
    if state in ENDED:
        assert not says(PROMISES, "\n".join(found.told.values()))
    if reason in BLOCKING and state != "done":
        assert not says(UNDONE.replace("|taking back", ""), found.page), "a blocked card is not undone"
        assert not says(UNDONE, "\n".join(found.told.values()))
        assert says("nobody can pay", found.page)
    if reason not in BLOCKING:
        assert not says("block", "\n".join([*found.told.values(), found.asked])), "a worn card is not blocked"
        if state != "done":
            assert not says("block", found.page)


def the_number_stands_there(text: str) -> bool:
    """Who is to call us reads the number in the same message."""
    number, whole = re.escape(settings.COMPANY_PHONE), " ".join(text.split())
    asked = re.findall(r"call us", whole, re.IGNORECASE)
    return len(asked) == len(re.findall(rf"call us (at once )?on {number}", whole, re.IGNORECASE))


@pytest.mark.parametrize("opener", ["customer", "staff"])
@pytest.mark.parametrize("reason", [Reason.LOST, Reason.STOLEN, Reason.FRAUD])
def test_who_reported_it_reads_their_own_report_back_and_is_asked_which_payments(opener: str, reason: Reason) -> None:
    found = read(opener, reason, "open")

    mail = found.told["card_blocked mail"]
    assert says("You told us that" if opener == "customer" else "It was reported to us", mail)
    assert says("You did not report this", mail)
    assert says("payments were not yours", found.asked)


def test_who_was_told_by_the_detector_reads_what_was_seen() -> None:
    found = read("outside", Reason.FRAUD, "open")

    assert says("We saw signs", found.page)
    assert says("We saw signs", found.told["card_blocked mail"])


@pytest.mark.parametrize("opener", ["customer", "staff"])
def test_a_lost_card_that_was_found_works_again_and_nothing_else_is_said(opener: str) -> None:
    found = read(opener, Reason.LOST, "withdrawn", released=True)

    assert says("works again", found.page)
    assert says("works again", found.told["reissue_ended mail"])
    assert says("No new card is made", found.page)
    assert not says("blocked", found.page)


@pytest.mark.parametrize("reason", BLOCKING)
def test_a_card_is_not_said_to_be_blocked_before_the_issuer_has_said_so(reason: Reason) -> None:
    case = opened(make_card(), "customer", reason)
    assert PROCESS.headline is not None

    before = PROCESS.headline(case).lead
    given_up = PROCESS.headline(put(case, "failed")).lead

    assert says("We are blocking your card", before)
    assert says("We could not make sure", given_up)
    assert not says("nobody can pay", before + given_up)


def test_a_new_card_that_has_come_waits_to_be_activated() -> None:
    card = make_card()
    case = opened(card, "customer", Reason.STOLEN)
    new = make_card(customer=card.customer, state=CardState.INACTIVE, shipping=Shipping.DELIVERED)
    CardReissue.objects.filter(case=case).update(new_card=new)
    assert PROCESS.headline is not None

    waits = PROCESS.headline(case).lead
    Card.objects.filter(pk=new.pk).update(state=CardState.ACTIVE)

    assert says("cannot be used before you activate it", waits)
    assert not says("working on a new", waits)
    assert not says("activate", PROCESS.headline(case).lead)


@pytest.mark.parametrize("reason", [Reason.DAMAGED, Reason.EXPIRING])
def test_a_worn_card_that_was_blocked_by_a_signal_is_not_said_to_work(reason: Reason) -> None:
    card = make_card()
    case = opened(card, "staff", reason)
    Card.objects.filter(pk=card.pk).update(state=CardState.BLOCKED)
    put(case, "withdrawn")

    assert PROCESS.headline is not None
    assert not says(UNDONE, PROCESS.headline(case).lead)
    assert says("stays blocked", dict(told(case, reason, "withdrawn"))["reissue_ended mail"])


def test_a_new_card_that_was_not_activated_is_not_said_never_to_have_been_made() -> None:
    card = make_card()
    case = opened(card, "customer", Reason.STOLEN)
    new = make_card(customer=card.customer, state=CardState.CLOSED)
    CardReissue.objects.filter(case=case).update(new_card=new)
    Card.objects.filter(pk=card.pk).update(state=CardState.CLOSED)
    put(case, "expired")

    assert PROCESS.headline is not None
    lead = PROCESS.headline(case).lead
    assert "No new card is in use." in lead
    assert "closed for good" in lead


def test_the_customers_own_fraud_report_needs_the_payments() -> None:
    case = opened(make_card(), "customer", Reason.FRAUD)
    form = SurveyForm(item=ask(case, SURVEY.name), by=system(), kind=SURVEY)
    signalled = opened(make_card(), "outside", Reason.FRAUD)
    other = SurveyForm(item=ask(signalled, SURVEY.name), by=system(), kind=SURVEY)

    assert (form.fields["not_mine"].required, other.fields["not_mine"].required) == (True, False)
