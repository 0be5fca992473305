"""One open case of each of the registrar's processes, of one customer, with every step that people can be asked for."""

from __future__ import annotations

from datetime import timedelta

from backoffice.actors import system
from backoffice.calls import opening
from backoffice.cases.models import Case
from backoffice.customers.models import ContactKind, Customer
from backoffice.documents import storing
from backoffice.documents.models import Origin
from backoffice.domains.cession import papers
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.mail_orders import findings
from backoffice.mail_orders.models import Mail
from backoffice.mail_orders.receiving import take
from backoffice.mail_orders.storing import Envelope
from backoffice.staff.models import User
from tests.calls.calling import SERVICE, TOLD
from tests.contact_changes.changing import ask_for_code, open_change
from tests.domains.ceding import ADDRESS, PESEL, effect, make_domain, open_cession
from tests.domains.invoices.test_duplicates import ask as open_duplicate
from tests.domains.leaving import leaving
from tests.factories import actor, make_customer, make_invoice, now
from tests.mail_orders.conftest import asked, taken
from tests.mail_orders.crafting import OUR_BOX, STRANGER, WORLD, Names, mail
from tests.playing import advance, ask
from workflows.base.contracts import DoEffect


def open_all(customer: Customer, *, agent: User) -> list[Case]:
    """`agent` takes the calls and the mails. Files are kept in `settings.MEDIA_ROOT`."""
    return [
        *_cessions(customer),
        *_transfers(customer),
        _contact_change(customer),
        _call(customer, agent),
        _mail_order(customer, agent),
        _duplicate(customer),
    ]


def _cessions(customer: Customer) -> list[Case]:
    """On each route as the holder, and one as the new holder."""
    signs = {"number_kind": "PESEL", "number": PESEL, **ADDRESS}
    electronic = open_cession(make_domain(customer, "electronic.pl"))
    signed = open_cession(make_domain(customer, "signed.pl"), route="signed_pdf", **signs)
    paper = open_cession(make_domain(customer, "paper.pl"), route="paper", **signs)
    mail_of = customer.contact_points.get(kind=ContactKind.MAIL, superseded_at=None).value
    named = {"given_name": customer.given_name, "family_name": customer.family_name, "mail": mail_of}
    taken_over = open_cession(make_domain(make_customer(), "theirs.pl"), **named)
    for case, kinds in (
        (electronic, ("request", "confirm_old", "approve_cession")),
        (signed, ("upload_form",)),
        (paper, ("receive_form", "check_form", "check_again", "call_back")),
        (taken_over, ("confirm_new",)),
    ):
        for kind in kinds:
            ask(case, kind)
    effect(signed, "make_form")
    _scanned(paper)
    return [electronic, signed, paper, taken_over]


def _scanned(case: Case) -> None:
    item = case.items.get(kind="check_form")
    what = storing.What(purpose=papers.SCANNED, origin=Origin.UPLOADED, case=case, item=item)
    storing.keep(what, b"%PDF-", media_type="application/pdf", pages=1, by=system(), now=now())


def _transfers(customer: Customer) -> list[Case]:
    """One whose code can be seen, and one that another registrar has asked for."""
    coded, asked_for = (leaving(f"{name}.example", customer=customer)[0] for name in ("coded", "asked-for"))
    out = TransferOut.objects.get(case=coded)
    out.code, out.code_set_at, out.code_until = "Canary-7QwErT-9yUiPa-sDfGhJ", now(), now() + timedelta(days=14)
    out.save()
    for kind in ("confirm_transfer_out", "release_domain"):
        ask(coded, kind)
    ask(coded, "take_transfer_code", stage="authinfo")
    until = now() + timedelta(days=5)
    TransferOut.objects.filter(case=asked_for).update(registry_state="pending", asked_by="rival", decides_at=until)
    for kind in ("refuse_transfer", "approve_transfer"):
        ask(asked_for, kind, stage="pending")
    return [coded, asked_for]


def _contact_change(customer: Customer) -> Case:
    case = open_change(customer)
    ask_for_code(case)
    for kind in ("confirm_change", "identify_at_branch", "identify_remotely", "approve_change"):
        ask(case, kind)
    return case


def _call(customer: Customer, agent: User) -> Case:
    make_domain(customer, SERVICE)
    case, _new = opening.open_call(by=actor(agent), data=TOLD, key="call")
    for kind in ("give_code", "type_code", "wrap_up", "wrap_up_late", "look_into_caller"):
        ask(case, kind)
    return case


def _mail_order(customer: Customer, agent: User) -> Case:
    address = customer.contact_points.get(kind=ContactKind.MAIL, superseded_at=None).value
    envelope = Envelope(STRANGER, "mail.example.org", address, (OUR_BOX,))
    assert take(mail(From=f"Somebody <{address}>"), envelope) == "250 2.0.0 Stored"
    findings.analyse_received(by=system(), resolver=Names(WORLD), now=now())
    found = Mail.objects.latest("received_at")
    case = asked(taken(found, agent), customer, agent)
    ask(case, "say_whose")
    ask(case, "look_into_forgery")
    return case


def _duplicate(customer: Customer) -> Case:
    case = open_duplicate(make_invoice(customer=customer))
    advance(case, stage="made", effects=(DoEffect(name="make_duplicate", args={}),))
    return case
