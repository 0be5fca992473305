"""For each rule function a call of it, by anybody: `CALLS[name](world, actor, user)`. A new rule gets a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

from backoffice.actors import Actor, system
from backoffice.cards.models import Reason, Shipping, Signal
from backoffice.cards.ports import EventKind, IssuerEvent, IssuerStatus
from backoffice.cards.reissue import opening as cards
from backoffice.cards.reissue import shipping, signals, unread
from backoffice.cards.reissue.understanding import Details
from backoffice.cases import (
    alarms,
    answering,
    claiming,
    evidence,
    freezing,
    handing_over,
    incidents,
    need_to_know,
    opening,
    parties,
    reminding,
    stopping_by_notice,
    withdrawing,
    worklist,
)
from backoffice.cases.answering import Session
from backoffice.cases.models import Alarm
from backoffice.complaints import evidence as evidence_of_complaints
from backoffice.complaints import people as complaint_people
from backoffice.complaints import strangers
from backoffice.complaints.models import StrangersComplaint
from backoffice.contact_changes import number_signals, proving
from backoffice.contact_changes.models import Moved
from backoffice.customers import contact_points, moved_numbers, phrases, reading, registering, representatives
from backoffice.customers.models import Representative
from backoffice.documents import adding, copies, redacting
from backoffice.documents.models import Document, DocumentState, Paper
from backoffice.domains.invoices import entering, paying
from backoffice.domains.invoices.models import InvoicePayment
from backoffice.domains.ports import Transfer, TransferState
from backoffice.domains.transfer_out import codes as transfer_codes
from backoffice.domains.transfer_out import guarding
from backoffice.domains.transfer_out.reporting import registry_reported
from backoffice.mail_orders import findings, handling, keeping, storing
from backoffice.mail_orders.models import Mail, MailState
from backoffice.mail_orders.resolving import LiveResolver
from backoffice.messages import telling
from backoffice.portal import authenticators, starting
from backoffice.staff import roles
from backoffice.staff.models import Role, User
from backoffice.suspicions import deciding, pausing, receiving, telling_more
from backoffice.suspicions.keeping import delete_texts
from backoffice.suspicions.matching import Reported
from backoffice.suspicions.models import Source, Suspicion
from backoffice.trust import recognising, reporting
from backoffice.trust.mails import accepting
from backoffice.ui import submitting
from backoffice.visits import calling_off, handshake, moving
from backoffice.webhooks import deciding as webhook_deciding
from backoffice.webhooks import endpoints
from tests.factories import make_address, make_domain, make_invoice, now
from tests.threats import rules_of_calls, rules_of_merchants, rules_of_payments, rules_of_voice_payments
from tests.threats.people import CALLED, World, key

Call = Callable[[World, Actor, User], object]
MAIL = b"From: ewa@thief.example\r\n\r\nHello\r\n"
_MOVE = Transfer("unknown.example", TransferState.PENDING, "rival", datetime.now(UTC), "us", datetime.now(UTC))
_REPORTED = Reported(text="It was odd", sender="", channel="sms")
_EVENT = IssuerEvent("e1", EventKind.OTHER, "ic_none", IssuerStatus.ACTIVE, Shipping.NONE, datetime.now(UTC), (0, 0))


def _told(world: World, by: Actor) -> dict[str, Any]:
    case = world.cases["own"]
    who = {"customer": case.customer, "case_id": case.id, "case_reference": case.reference}
    return {**who, "by": by, "now": now()}


def _notice(world: World, by: Actor) -> dict[str, Any]:
    return {**_told(world, by), "template": "case_frozen", "context": {}}


def _opens(world: World, by: Actor, **more: Any) -> dict[str, Any]:
    content = {"card": str(world.cards["own"].public_id), "reason": Reason.LOST.value}
    return {"process": "card_reissue", "customer": world.customer(), "by": by, **more, "content": content}


def _form(world: World, by: Actor, **more: Any) -> dict[str, Any]:
    told = _opens(world, by, **more)
    told["data"] = told.pop("content")
    return told


def _stop(by: Actor) -> dict[str, Any]:
    return {"code": "K7Q-4MX-2", "last_three": "123", "network": key(), "by": by, "now": now()}


def signalled(world: World) -> str:
    """The id of a signal about the own case."""
    signal, _new = Signal.objects.get_or_create(signal_id="s1", defaults={"case": world.cases["own"], "at": now()})
    return str(signal.signal_id)


def representative(world: World) -> Representative:
    """Somebody who acts for a customer."""
    extract = now().date()
    return Representative.objects.create(
        organisation=world.customer(), name="Ada", may="alone", acts=["domains"], extract_of=extract, since=now()
    )


def copied(world: World) -> Document:
    """A copy of an identity document, which nobody checks now."""
    told = {"made_at": now(), "made_by_kind": "system", "channel": "desk", "state": DocumentState.DELETED}
    return Document.objects.create(case=world.cases["own"], kind=Paper.IDENTITY, purpose="scan", **told)


def issued() -> entering.Issued:
    """An invoice that accounting tells of."""
    day, line = now().date(), entering.Line(text="A name", unit_net=Decimal(1), vat_rate=Decimal(23))
    party = entering.Party("Meridian")
    return entering.Issued(
        number=key(), issued_on=day, sold_on=day, currency="EUR", lines=[line], seller=party, buyer=party
    )


def money() -> paying.Paid:
    """What was paid of an invoice."""
    return paying.Paid(key=key(), amount=Decimal("10.00"), currency="EUR", paid_on=now().date())


def recorded(world: World) -> InvoicePayment:
    """A payment that counts."""
    return paying.record_payment(invoice=make_invoice(customer=world.customer()), paid=money(), by=system(), now=now())


def strange() -> StrangersComplaint:
    """A complaint of somebody who did not sign in."""
    return StrangersComplaint.objects.create(key=uuid4(), received_at=now(), topic="call", text="You rang.")


def alarm() -> int:
    """An alarm that is open."""
    return Alarm.objects.create(process="card_reissue", code="unknown_card", key=key(), opened_at=now()).pk


def received(user: User) -> Mail:
    """A mail that waits, held by this person."""
    found: Any = {"sender": "ewa@thief.example", "of_mail": ["vouched"]}
    return Mail.objects.create(
        fingerprint=key(),
        received_at=now(),
        size=1,
        state=MailState.WAITING,
        raw="From: ewa@thief.example\r\n\r\n",
        findings=found,
        reasons=["vouched"],
        sender_index=key()[:64],
        held_by=user,
        held_at=now(),
    )


def _held(user: User) -> dict[str, Any]:
    return {"mail": received(user), "user": user, "now": now()}


def _strange(user: User) -> dict[str, Any]:
    group = Suspicion.objects.create(channel="sms", opened_at=now(), latest_at=now())
    return {"group": group, "user": user, "now": now()}


CALLS: Mapping[str, Call] = {
    **rules_of_calls.CALLS,
    **rules_of_merchants.CALLS,
    **rules_of_payments.CALLS,
    **rules_of_voice_payments.CALLS,
    "cards.reissue.opening.open_reissue": lambda w, by, user: cards.open_reissue(
        card=w.cards["own"], reason="lost", by=by, key=key()
    ),
    "cards.reissue.signals.fraud_signalled": lambda w, by, user: signals.fraud_signalled(
        signal_id=key(), card=w.cards["own"], by=by
    ),
    "cards.reissue.signals.note_details": lambda w, by, user: signals.note_details(
        signal_id=signalled(w), details=Details(), by=by
    ),
    "cards.reissue.unread.read": lambda w, by, user: unread.read(
        case_id=w.cases["own"].id, by=by, user=user, reason=CALLED, now=now()
    ),
    "cases.alarms.read": lambda w, by, user: alarms.read(alarm_id=alarm(), by=by, user=user, reason=CALLED, now=now()),
    "cases.alarms.resolve": lambda w, by, user: alarms.resolve(
        alarm_id=alarm(), by=by, user=user, reason=CALLED, now=now()
    ),
    "cards.reissue.shipping.issuer_reported": lambda w, by, user: shipping.issuer_reported(_EVENT, by=by),
    "cases.answering.answer": lambda w, by, user: answering.answer(item_id=w.calls["own"].id, by=by, data={}),
    "cases.answering.save_draft": lambda w, by, user: answering.save_draft(item_id=w.calls["own"].id, by=by, data={}),
    "cases.evidence.reveal": lambda w, by, user: evidence.reveal(
        item=w.calls["own"], name="none", by=by, user=user, reason=CALLED, now=now()
    ),
    "cases.freezing.freeze_what_is_sensitive": lambda w, by, user: freezing.freeze_what_is_sensitive(
        customer=w.customer(), by=by, reason="suspicion"
    ),
    "cases.freezing.freeze": lambda w, by, user: freezing.freeze(case_id=w.cases["own"].id, by=by, reason="x"),
    "cases.freezing.unfreeze": lambda w, by, user: freezing.unfreeze(case_id=w.cases["frozen"].id, by=by, reason="x"),
    "cases.incidents.look_into": lambda w, by, user: incidents.look_into(incident_id=w.incident, by=by, user=user),
    "cases.incidents.resolve_by_hand": lambda w, by, user: incidents.resolve_by_hand(
        incident_id=w.incident, by=by, reason="x"
    ),
    "cases.incidents.retry": lambda w, by, user: incidents.retry(case_id=w.visit.id, by=by),
    "cases.need_to_know.read_case": lambda w, by, user: need_to_know.read_case(
        w.cases["own"], by=by, user=user, now=now(), page="test", reason=CALLED
    ),
    "cases.need_to_know.read_customer": lambda w, by, user: need_to_know.read_customer(
        w.customer(), by=by, user=user, now=now(), page="test", reason=CALLED
    ),
    "cases.opening.check_form": lambda w, by, user: opening.check_form(**_form(w, by)),
    "cases.opening.open_by_form": lambda w, by, user: opening.open_by_form(**_form(w, by, key=key())),
    "cases.opening.open_case": lambda w, by, user: opening.open_case(**_opens(w, by, key=key())),
    "cases.claiming.join_with_account": lambda w, by, user: claiming.join_with_account(
        reference=w.cases["own"].reference, code="x", customer=w.customer(), by=by, address=key()
    ),
    "cases.handing_over.make_code": lambda w, by, user: handing_over.make_code(
        case_id=w.cases["own"].id, role="neighbour", by=by
    ),
    "cases.handing_over.post_again": lambda w, by, user: handing_over.post_again(
        case_id=w.cases["own"].id, role="neighbour", by=by
    ),
    "cases.parties.invite_again": lambda w, by, user: parties.invite_again(
        reference=w.cases["own"].reference, mail="nobody@example.org", by=by
    ),
    "cases.reminding.remind_by_hand": lambda w, by, user: reminding.remind_by_hand(item_id=w.surveys["own"].id, by=by),
    "cases.stopping_by_notice.look": lambda w, by, user: stopping_by_notice.look(**_stop(by)),
    "cases.stopping_by_notice.stop": lambda w, by, user: stopping_by_notice.stop(**_stop(by)),
    "cases.withdrawing.withdraw": lambda w, by, user: withdrawing.withdraw(case_id=w.cases["own"].id, by=by),
    "cases.worklist.claim": lambda w, by, user: worklist.claim(item_id=w.calls["own"].id, by=by, user=user),
    "cases.worklist.hand_over": lambda w, by, user: worklist.hand_over(
        item_id=w.calls["own"].id, to=w.people[Role.SUPERVISOR.value].account, by=by, user=user
    ),
    "cases.worklist.of_my_roles": lambda w, by, user: worklist.of_my_roles(by=by),
    "cases.worklist.overdue": lambda w, by, user: worklist.overdue(by=by, user=user),
    "cases.worklist.release": lambda w, by, user: worklist.release(item_id=w.calls["own"].id, by=by, user=user),
    "complaints.evidence.download": lambda w, by, user: evidence_of_complaints.download(
        case=w.cases["own"], moment="opening", edition="full", by=by, user=user
    ),
    "complaints.people.name_person": lambda w, by, user: complaint_people.name_person(
        case_id=w.cases["own"].id, person=key(), by=by, user=user, now=now()
    ),
    "complaints.strangers.answer": lambda w, by, user: strangers.answer(
        row=strange(), words="We rang them.", by=by, user=user, now=now()
    ),
    "complaints.strangers.open_case_for": lambda w, by, user: strangers.open_case_for(
        row=strange(), customer=w.customer(), by=by, user=user, now=now()
    ),
    "complaints.strangers.take": lambda w, by, user: strangers.take(row=strange(), by=by, user=user, now=now()),
    "complaints.strangers.write_in": lambda w, by, user: strangers.write_in(
        key=uuid4(), content={"topic": "call", "text": "You rang."}, network=key(), by=by, now=now(), padded=False
    ),
    "contact_changes.proving.send_again": lambda w, by, user: proving.send_again(case_id=w.cases["own"].id, by=by),
    "customers.contact_points.mark_sim_swapped": lambda w, by, user: contact_points.mark_sim_swapped(
        point=w.phone(), by=by, now=now()
    ),
    "contact_changes.number_signals.number_noted": lambda w, by, user: number_signals.number_noted(
        point=w.phone(), by=by, now=now()
    ),
    "contact_changes.number_signals.number_signalled": lambda w, by, user: number_signals.number_signalled(
        signal_id=key(), number="+12065550199", what=Moved.SWAPPED, by=by, now=now()
    ),
    "customers.moved_numbers.note_moved": lambda w, by, user: moved_numbers.note_moved(
        point=w.phone(), by=by, now=now()
    ),
    "customers.contact_points.check_parts": lambda w, by, user: contact_points.check_parts(
        customer=w.customer(), value=make_address("Plein 1"), by=by, now=now()
    ),
    "customers.contact_points.supersede": lambda w, by, user: contact_points.supersede(
        customer=w.customer(), kind="mail", value="new@example.org", how="branch", by=by, now=now()
    ),
    "customers.contact_points.verify": lambda w, by, user: contact_points.verify(
        point=w.phone(), how="branch", by=by, now=now()
    ),
    "customers.phrases.renew": lambda w, by, user: phrases.renew(customer=w.customer(), by=by),
    "customers.reading.open_record": lambda w, by, user: reading.open_record(
        customer=w.customer(), by=by, user=user, now=now(), reason=CALLED
    ),
    "customers.registering.register": lambda w, by, user: registering.register(
        particulars=registering.Particulars(given_name="Ada", family_name="Kowalska"), by=by, now=now()
    ),
    "customers.representatives.end": lambda w, by, user: representatives.end(
        representative=representative(w), by=by, now=now()
    ),
    "customers.representatives.enter": lambda w, by, user: representatives.enter(
        organisation=w.customer(),
        entry=representatives.Entry(name="Ada", may="alone", acts=["domains"], extract_of=now().date()),
        by=by,
        now=now(),
    ),
    "documents.copies.check_clear": lambda w, by, user: copies.check_clear(document=copied(w), by=by, user=user),
    "documents.copies.say_copy": lambda w, by, user: copies.say_copy(public_id=uuid4(), by=by, user=user),
    "documents.redacting.redact": lambda w, by, user: redacting.redact(public_id=uuid4(), data={}, by=by, user=user),
    "documents.adding.add": lambda w, by, user: adding.add(
        item_id=w.calls["own"].id, field="file", file=BytesIO(), name="", by=by
    ),
    "documents.adding.remove": lambda w, by, user: adding.remove(
        item_id=w.calls["own"].id, field="file", public_id=uuid4(), by=by
    ),
    "domains.invoices.paying.cancel_payment": lambda w, by, user: paying.cancel_payment(
        payment=recorded(w), why="mistake", by=by, now=now()
    ),
    "domains.invoices.paying.record_payment": lambda w, by, user: paying.record_payment(
        invoice=make_invoice(customer=w.customer()), paid=money(), by=by, now=now()
    ),
    "domains.invoices.entering.enter": lambda w, by, user: entering.enter(
        customer=w.customer(), issued=issued(), by=by, now=now()
    ),
    "mail_orders.findings.analyse_one": lambda w, by, user: findings.analyse_one(
        mail_id=received(user).pk, by=by, resolver=LiveResolver(), now=now()
    ),
    "mail_orders.findings.analyse_received": lambda w, by, user: findings.analyse_received(by=by, now=now()),
    "mail_orders.handling.answer_neutrally": lambda w, by, user: handling.answer_neutrally(by=by, **_held(user)),
    "mail_orders.handling.give_back": lambda w, by, user: handling.give_back(by=by, **_held(user)),
    "mail_orders.handling.set_aside": lambda w, by, user: handling.set_aside(why="junk", by=by, **_held(user)),
    "mail_orders.handling.take": lambda w, by, user: handling.take(by=by, **_held(user)),
    "mail_orders.keeping.delete_content": lambda w, by, user: keeping.delete_content(by=by, now=now()),
    "mail_orders.storing.store": lambda w, by, user: storing.store(
        raw=MAIL, accepted=accepting.check(MAIL), envelope=storing.Envelope("", "", "", ()), by=by, now=now()
    ),
    "messages.telling.tell": lambda w, by, user: telling.tell(**_notice(w, by), channels=("mail",)),
    "messages.telling.tell_all": lambda w, by, user: telling.tell_all(**_told(w, by), notices=[]),
    "messages.telling.tell_old_addresses": lambda w, by, user: telling.tell_old_addresses(**_notice(w, by)),
    "portal.authenticators.tell_added": lambda w, by, user: authenticators.tell_added(user=user, by=by),
    "portal.starting.menu": lambda w, by, user: starting.menu(customer=w.customer(), by=by),
    "portal.starting.one": lambda w, by, user: starting.one(
        customer=w.customer(), kind="domains", key=str(make_domain(customer=w.customer()).public_id), by=by
    ),
    "portal.starting.mine": lambda w, by, user: starting.mine(customer=w.customer(), by=by),
    "staff.roles.assign": lambda w, by, user: roles.assign(
        user=w.people["no role"].account, roles=[Role.APPROVER], by=by
    ),
    "suspicions.deciding.clear": lambda w, by, user: deciding.clear(by=by, reason="Harmless", **_strange(user)),
    "suspicions.deciding.confirm": lambda w, by, user: deciding.confirm(
        by=by, reason="It is fraud", words=None, **_strange(user)
    ),
    "suspicions.deciding.give_back": lambda w, by, user: deciding.give_back(by=by, **_strange(user)),
    "suspicions.deciding.take": lambda w, by, user: deciding.take(by=by, **_strange(user)),
    "suspicions.deciding.withdraw_warning": lambda w, by, user: deciding.withdraw_warning(
        by=by, reason="It is real", **_strange(user)
    ),
    "suspicions.keeping.delete_texts": lambda w, by, user: delete_texts(by=by, now=now()),
    "suspicions.pausing.lift": lambda w, by, user: pausing.lift(case_id=w.cases["own"].id, by=by, now=now()),
    "suspicions.receiving.receive": lambda w, by, user: receiving.receive(
        incoming=receiving.Incoming(reported=_REPORTED, key=uuid4(), source=Source.PORTAL), by=by, now=now()
    ),
    "suspicions.telling_more.tell_what_was_given": lambda w, by, user: telling_more.tell_what_was_given(
        case_id=uuid4(), gave=["card"], by=by, now=now()
    ),
    "trust.recognising.recognise": lambda w, by, user: recognising.recognise(pasted="K7Q-4MX-2", by=by),
    "trust.recognising.settle": lambda w, by, user: recognising.settle(
        pasted="K7Q-4MX-2", reference="K7Q-4MX-2", fits=True, by=by
    ),
    "trust.reporting.report_suspicious": lambda w, by, user: reporting.report_suspicious(
        pasted="evil@example.org", channel="mail", key=w.visit.id, by=by, user=user, now=now()
    ),
    "ui.submitting.submit": lambda w, by, user: submitting.submit(
        case=w.cases["own"], item_id=w.calls["own"].id, key=w.visit.id, by=by, user=user, data={}
    ),
    "domains.transfer_out.codes.reveal": lambda w, by, user: transfer_codes.reveal(
        case_id=w.cases["own"].id, by=by, session=Session(user=user, key="s")
    ),
    "domains.transfer_out.guarding.guard": lambda w, by, user: guarding.guard(
        case_id=w.cases["own"].id, by=by, now=now()
    ),
    "domains.transfer_out.reporting.registry_reported": lambda w, by, user: registry_reported(transfer=_MOVE, by=by),
    "visits.calling_off.cancel": lambda w, by, user: calling_off.cancel(
        case_id=w.visit.id, alternative="branch", by=by
    ),
    "visits.calling_off.feels_unsafe": lambda w, by, user: calling_off.feels_unsafe(
        case_id=w.visit.id, by=by, user=user
    ),
    "visits.calling_off.nobody_expected": lambda w, by, user: calling_off.nobody_expected(case_id=w.visit.id, by=by),
    "visits.handshake.compare_for_caller": lambda w, by, user: handshake.compare_for_caller(
        case_id=w.visit.id, typed="123456", by=by
    ),
    "visits.moving.move": lambda w, by, user: moving.move(case_id=w.visit.id, window="none", by=by),
    "webhooks.deciding.replay": lambda w, by, user: webhook_deciding.replay(delivery_id=uuid4(), by=by, now=now()),
    "webhooks.deciding.set_aside": lambda w, by, user: webhook_deciding.set_aside(
        delivery_id=uuid4(), by=by, now=now()
    ),
    "webhooks.endpoints.enter": lambda w, by, user: endpoints.enter(name="", url="", secret="", by=by, now=now()),
    "webhooks.endpoints.switch": lambda w, by, user: endpoints.switch(endpoint_id=0, on=True, by=by, now=now()),
}
