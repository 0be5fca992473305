"""A cession by a file that both sign, and on paper: each file that is not as it must be is refused by name."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases import answering, catalogue
from backoffice.cases.models import Case, Command, Event, WorkItem
from backoffice.customers import contact_points
from backoffice.customers.models import Act, CustomerKind, May
from backoffice.customers.representatives import Entry, enter
from backoffice.documents import marks, pdfs, storing
from backoffice.documents.models import Document, Mark, Origin
from backoffice.domains.cession import evidence, papers, signing
from backoffice.domains.cession.models import Cession, Examination
from backoffice.refusals import Forbidden, Invalid, Refused
from backoffice.staff.models import Role
from devstack import signers
from devstack.certificate_authority import Authority
from devstack.signers import Particulars
from tests.domains.ceding import ADDRESS, PESEL, effect, make_domain, open_cession
from tests.factories import actor, make_customer, make_staff, now, sign_in
from tests.playing import ask, close, customer_actor

pytestmark = pytest.mark.django_db
FITS = {"names": "yes", "addresses": "yes", "signatures": "yes", "power_of_attorney": "not_needed"}
EWA = Particulars("Ewa", "Nowak", "PL", f"PNOPL-{PESEL}")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return signers.authority(tmp_path_factory.mktemp("signers"), now=datetime.now(UTC))


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, settings: Any, authority: Authority) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.SIGNATURES_TRUST, settings.SIGNATURES_EU_LISTS = str(authority.trust), []


def opened(route: str, name: str = "tulip.pl") -> Case:
    case = open_cession(make_domain(make_customer(), name), route=route, number_kind="PESEL", number=PESEL, **ADDRESS)
    effect(case, "make_form")
    return case


def form(case: Case) -> bytes:
    made = papers.form_of(case)
    assert made is not None
    return storing.read(made)


def holder_of(case: Case) -> Particulars:
    customer = case.customer
    return Particulars(customer.given_name, customer.family_name, "NL", f"PNONL-{customer.national_ids.get().number}")


def signed(case: Case, authority: Authority, *people: Particulars) -> bytes:
    """The form of the case, signed by these people, one after the other."""
    content = form(case)
    for number, person in enumerate(people):
        one = signers.signer(authority, person, now=now())
        content = signers.sign(content, one, field=f"Signature{number}", at=now())
    return content


def add(item: WorkItem, content: bytes, purpose: str = papers.SIGNED, **more: str) -> Document:
    """The file lies with the item, as adding it on its page leaves it."""
    by = customer_actor(item.case.customer)
    what = storing.What(purpose=purpose, origin=Origin.UPLOADED, case=item.case, item=item)
    document = storing.keep(what, content, media_type="application/pdf", pages=1, by=by, now=now())
    Document.objects.filter(pk=document.pk).update(**more)
    return document


def send(item: WorkItem, way: str = "signed") -> answering.Receipt:
    return answering.answer(item_id=item.id, by=customer_actor(item.case.customer), data={"way": way})


class TestTheForm:
    def test_holds_both_names_the_domain_the_case_and_the_exact_words(self) -> None:
        case = opened("signed_pdf")

        text = " ".join(pdfs.text_of(form(case)).split())

        mark = Mark.objects.get(case=case)
        for said in ("tulip.pl", "Ewa Nowak", case.customer.name, case.reference, mark.code, "Warszawa", PESEL):
            assert said in text
        assert f"I, {case.customer.name}, give all rights and duties in the domain tulip.pl to Ewa Nowak." in text

    def test_is_made_once(self) -> None:
        case = opened("signed_pdf")
        first = form(case)

        effect(case, "make_form")

        assert form(case) == first
        assert Document.objects.filter(case=case).count() == 1


@pytest.mark.parametrize(("executed", "kept_for"), [(True, papers.AS_PROOF), (False, papers.OTHERWISE)])
def test_the_papers_are_kept_as_long_as_they_may_prove_something(executed: bool, kept_for: Any) -> None:
    case = opened("paper")
    Cession.objects.filter(case=case).update(executed_at=now() if executed else None)

    close(case)

    case.refresh_from_db()
    made = papers.form_of(case)
    assert made is not None
    assert case.closed_at is not None
    assert made.retain_until == case.closed_at + kept_for


class TestSignedByBoth:
    def test_is_accepted_and_what_was_shown_is_kept(self, authority: Authority) -> None:
        case = opened("signed_pdf")
        item = ask(case, "upload_form")
        add(item, signed(case, authority, holder_of(case), EWA))

        assert send(item).outcome == "signed"
        kept = Examination.objects.get(case=case)
        assert kept.accepted
        assert [line.partition("(")[0] for line in kept.shown] == [
            f"1. signature of {case.customer.name} ",
            "2. signature of Ewa Nowak ",
        ]
        assert Mark.objects.get(case=case).used_at is not None

    @pytest.mark.parametrize(
        ("kind", "why"),
        [
            ("one", "Ewa Nowak has not signed"),
            ("none", "holds no signature"),
            ("trailing", "lengthened after"),
            ("other case", "not the form of this case"),
            ("stranger", "is not a party to this case"),
        ],
    )
    def test_what_is_not_is_refused_in_words_and_the_step_stays_open(
        self, authority: Authority, kind: str, why: str
    ) -> None:
        case, other = opened("signed_pdf"), opened("signed_pdf", "rose.pl")
        item = ask(case, "upload_form")
        holder, stranger = holder_of(case), Particulars("Jan", "Obcy", "PL", "PNOPL-90010112349")
        content = {
            "one": lambda: signed(case, authority, holder),
            "none": lambda: form(case),
            "trailing": lambda: signed(case, authority, holder, EWA) + b"\n% more",
            "other case": lambda: signed(other, authority, holder_of(other), EWA),
            "stranger": lambda: signed(case, authority, holder, stranger),
        }[kind]()
        add(item, content)

        with pytest.raises(Refused) as refused:
            send(item)

        assert why in refused.value.sentence
        item.refresh_from_db()
        assert item.state == "open"
        assert not Examination.objects.get(case=case).accepted
        assert Event.objects.filter(case=case, kind="cession.pdf_refused").exists()
        assert Mark.objects.get(case=case).used_at is None

    def test_a_page_that_was_changed_after_signing_is_named(self, authority: Authority) -> None:
        case = opened("signed_pdf")
        item = ask(case, "upload_form")
        add(item, changed(signed(case, authority, holder_of(case), EWA)))

        with pytest.raises(Refused, match="Page 1 was changed after Ewa Nowak signed"):
            send(item)

    def test_for_a_company_signs_only_who_may_give_its_domains_away(self) -> None:
        company = make_customer(kind=CustomerKind.ORGANISATION)
        for name, may, acts in (
            ("Ada Kowalska", May.ALONE, [Act.DOMAINS]),
            ("Jan Nowak", May.JOINTLY, [Act.DOMAINS]),
            ("Ola Lis", May.ALONE, [act for act in Act if act != Act.DOMAINS][:1]),
        ):
            entry = Entry(name=name, may=may, acts=acts, extract_of=now().date())
            enter(organisation=company, entry=entry, by=system(), now=now())
        told = {"route": "signed_pdf", "number_kind": "PESEL", "number": PESEL, **ADDRESS}

        holder = signing.wanted_of(open_cession(make_domain(company), **told))[0]

        assert holder.is_company
        assert {one.name for one in holder.representatives} == {"Ada Kowalska", "Jan Nowak"}

    def test_without_a_file_nothing_is_sent(self) -> None:
        item = ask(opened("signed_pdf"), "upload_form")

        with pytest.raises(Invalid) as refused:
            send(item)
        assert "signed" in refused.value.errors

    def test_it_may_become_paper(self) -> None:
        assert send(ask(opened("signed_pdf"), "upload_form"), "on_paper").outcome == "on_paper"


class TestOnPaper:
    def receive(self, item: WorkItem, **data: str) -> answering.Receipt:
        clerk = make_staff()
        return answering.answer(item_id=item.id, by=actor(clerk), data={"envelope": "E-2026-117", **data})

    def test_the_mark_on_the_scan_finds_its_case(self) -> None:
        case = opened("paper")
        item = ask(case, "receive_form")
        mark = Mark.objects.get(case=case)
        add(item, form(case), papers.SCANNED, read_mark=mark.code)

        assert self.receive(item).outcome == "scanned"
        mark.refresh_from_db()
        assert mark.used_at is not None

    def test_a_mark_that_cannot_be_read_is_typed(self) -> None:
        case = opened("paper")
        item = ask(case, "receive_form")
        add(item, form(case), papers.SCANNED)

        with pytest.raises(Refused, match="could not read the mark"):
            self.receive(item)
        assert self.receive(item, mark=Mark.objects.get(case=case).code.lower()).outcome == "scanned"

    def test_the_form_of_another_case_is_refused_and_names_it(self) -> None:
        case, other = opened("paper"), opened("paper", "rose.pl")
        item = ask(case, "receive_form")
        add(item, form(other), papers.SCANNED, read_mark=Mark.objects.get(case=other).code)

        with pytest.raises(Refused, match=f"belongs to the case {other.reference}"):
            self.receive(item)

    def test_the_form_of_another_case_is_found_beside_the_right_one(self) -> None:
        case, other = opened("paper"), opened("paper", "rose.pl")
        item = ask(case, "receive_form")
        for one in (case, other):
            add(item, form(one), papers.SCANNED, read_mark=Mark.objects.get(case=one).code)

        with pytest.raises(Refused, match=f"belongs to the case {other.reference}"):
            self.receive(item)
        assert not Mark.objects.filter(used_at__isnull=False).exists()

    def test_a_form_counts_once_and_an_old_version_not_at_all(self) -> None:
        case = opened("paper")
        mark = Mark.objects.get(case=case)
        item = ask(case, "receive_form")
        add(item, form(case), papers.SCANNED, read_mark=mark.code)
        assert self.receive(item).outcome == "scanned"
        item = ask(case, "receive_form")
        add(item, form(case), papers.SCANNED, read_mark=mark.code)

        with pytest.raises(Refused, match="used before"):
            self.receive(item)
        newest = marks.issue(case=case, purpose=papers.PURPOSE, now=now())
        with pytest.raises(Refused, match=f"Use version 2, with the mark {newest.code}"):
            self.receive(item)

    def test_what_one_checker_found_the_other_does_not_see(self) -> None:
        case = opened("paper")
        item = ask(case, "check_form")
        found = {**FITS, "signatures": "no", "remark": "One is missing."}

        answering.answer(item_id=item.id, by=actor(make_staff()), data=found)

        told = str(list(Event.objects.filter(case=case).values_list("data", "reason")))
        assert "One is missing" not in told
        assert "'no'" not in told

    @pytest.mark.parametrize(("earlier", "later"), [("check_form", "check_again"), ("check_again", "check_form")])
    def test_neither_checker_sees_anything_of_the_other_before_their_own_answer(self, earlier: str, later: str) -> None:
        case = opened("paper")
        staff = {"check_form": make_staff(), "check_again": make_staff(role=Role.APPROVER)}
        items = {kind: ask(case, kind) for kind in staff}
        found = {**FITS, "signatures": "no", "remark": "One is missing."}
        answering.answer(item_id=items[earlier].id, by=actor(staff[earlier]), data=found)
        client = sign_in(Client(), staff[later])

        pages = [reverse("admin:desk_item", args=[items[later].id]), reverse("admin:desk_case", args=[case.reference])]
        told = "".join(client.get(page, follow=True).content.decode() for page in pages)
        answering.answer(item_id=items[later].id, by=actor(staff[later]), data=FITS)
        after = client.get(pages[1], follow=True).content.decode()

        assert "One is missing" not in told
        assert "One is missing" in after

    @pytest.mark.parametrize("point", ["", *FITS])
    def test_the_story_learns_that_a_form_with_one_no_does_not_fit(self, point: str) -> None:
        case = opened("paper")
        data = {**FITS, point: "no", "remark": "It is not as on file."} if point else FITS

        answering.answer(item_id=ask(case, "check_form").id, by=actor(make_staff()), data=data)

        told = Command.objects.get(case=case, signal="answered").payload["facts"]
        assert told.get("fits", False) is not bool(point)

    def test_a_no_needs_a_reason(self) -> None:
        item = ask(opened("paper"), "check_form")

        with pytest.raises(Invalid) as refused:
            answering.answer(item_id=item.id, by=actor(make_staff()), data={**FITS, "names": "no"})
        assert "remark" in refused.value.errors

    @pytest.mark.parametrize(("changed_days_ago", "shown"), [(29, "old"), (31, "new")])
    def test_who_is_called_back_is_called_on_the_number_of_thirty_days_before(
        self, changed_days_ago: int, shown: str
    ) -> None:
        customer = make_customer(phone_days=changed_days_ago)
        old, new = customer.contact_points.filter(kind="phone").order_by("since")
        case = open_cession(make_domain(customer), route="paper", number_kind="PESEL", number=PESEL, **ADDRESS)
        item = ask(case, "call_back")

        def numbers() -> list[str]:
            return [text.partition(" ")[0] for _label, text in evidence.old_phone(case, item)]

        point = {"old": old, "new": new}[shown]
        assert numbers() == [point.value]
        if point == new:
            contact_points.mark_sim_swapped(point=point, by=system(), now=now())
            assert evidence.old_phone(case, item)[0][1] == "There is none that is old enough. Do not call a newer one."

    def test_who_checked_the_form_does_not_call_back(self) -> None:
        case = opened("paper")
        item = ask(case, "check_form")
        hanna = make_staff(role=Role.SUPPORT)
        hanna.groups.add(Group.objects.get_or_create(name=Role.SUPERVISOR.value)[0])
        answering.answer(item_id=item.id, by=actor(hanna), data=FITS)
        call = ask(case, "call_back")

        with pytest.raises(Forbidden, match="You checked the form; another person must do this"):
            answering.answer(item_id=call.id, by=actor(hanna), data={"outcome": "confirmed", "reason": "Named both."})
        assert call.part == "caller"

    def test_only_a_company_is_asked_for_an_extract_of_its_register(self) -> None:
        def fields(case: Case) -> set[str]:
            item = ask(case, "check_form")
            return set(catalogue.answering(item).form_for(item, by=system()).fields)

        assert "register_extract" not in fields(opened("paper"))


def changed(pdf: bytes) -> bytes:
    """Another page content, saved after the signatures as an incremental update."""
    from pyhanko.pdf_utils.generic import StreamObject, pdf_name
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Contents")] = writer.add_object(StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
