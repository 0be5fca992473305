"""A company for which two people act together, in each of the three ways to give a domain away."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backoffice.actors import Level, system
from backoffice.cases import answering, catalogue, parties
from backoffice.cases.models import Case, WorkItem
from backoffice.customers import representatives
from backoffice.customers.models import Act, Customer, CustomerKind, May
from backoffice.customers.representatives import Entry
from backoffice.documents import pdfs, storing
from backoffice.domains.cession import evidence, papers
from backoffice.domains.cession.models import Cession
from backoffice.refusals import Invalid, Refused
from devstack import signers
from devstack.certificate_authority import Authority
from devstack.signers import Particulars
from tests.domains.ceding import ADDRESS, PESEL, effect, make_domain, open_cession
from tests.domains.test_cession_documents import EWA, add, send, signed
from tests.factories import make_customer, make_user, now
from tests.playing import ask, customer_actor

pytestmark = pytest.mark.django_db
NO_NUMBER = {"number_kind": "", "number": ""}
COMPANY = "Tulip Trading sp. z o.o."
ADA = Particulars("Ada", "Lis", "PL", "PNOPL-85050512347", COMPANY, "VATPL-1234563218")
JAN = Particulars("Jan", "Kowalski", "PL", "PNOPL-90010112349", COMPANY, "VATPL-1234563218")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return signers.authority(tmp_path_factory.mktemp("signers"), now=datetime.now(UTC))


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, settings: Any, authority: Authority) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.SIGNATURES_TRUST, settings.SIGNATURES_EU_LISTS = str(authority.trust), []


def acts(company: Customer, person: Particulars, may: May = May.JOINTLY) -> None:
    entry = Entry(
        name=f"{person.given_name} {person.family_name}",
        may=may,
        acts=[Act.DOMAINS],
        extract_of=now().date(),
        number_kind="PESEL",
        number=person.number.removeprefix("PNOPL-"),
    )
    representatives.enter(organisation=company, entry=entry, by=system(), now=now())


@pytest.fixture
def company() -> Customer:
    """Ada and Jan act for it, only together."""
    found = make_customer(kind=CustomerKind.ORGANISATION, organisation_name=COMPANY, national_ids={"NIP": "1234563218"})
    for person in (ADA, JAN):
        acts(found, person)
    return found


def opened(company: Customer, route: str, **more: str) -> Case:
    given = {"number_kind": "PESEL", "number": PESEL, **ADDRESS, **more}
    return open_cession(make_domain(company), route=route, **given)


class TestInAccounts:
    def test_it_is_refused_at_the_opening_with_the_ways_that_work(self, company: Customer) -> None:
        with pytest.raises(Invalid) as refused:
            opened(company, "electronic")

        (said,) = refused.value.errors["route"]
        assert f"two people together act for {COMPANY}" in said
        assert "Sign the PDF, which both sign electronically, or sign on paper." in said
        assert not Cession.objects.exists()

    def test_who_may_alone_opens_it(self, company: Customer) -> None:
        acts(company, Particulars("Eva", "de Wit", "PL", "PNOPL-02070803628"), May.ALONE)

        assert opened(company, "electronic").process == "domain_cession"

    def test_a_company_of_which_nothing_is_on_file_is_not_kept_from_it(self) -> None:
        unknown = make_customer(kind=CustomerKind.ORGANISATION, organisation_name=COMPANY)

        assert opened(unknown, "electronic").process == "domain_cession"

    def test_what_becomes_known_later_counts_when_it_is_signed(self) -> None:
        company = make_customer(kind=CustomerKind.ORGANISATION, organisation_name=COMPANY)
        case = opened(company, "electronic")
        acts(company, ADA)

        with pytest.raises(Invalid, match="two people together"):
            confirm(ask(case, "confirm_old"), company, "agreed")
        assert confirm(ask(case, "confirm_old"), company, "declined").outcome == "declined"

    def test_a_new_holder_for_whom_two_act_does_not_sign_alone(self) -> None:
        case = opened(make_customer(), "electronic", new_is="organisation", organisation_name=COMPANY, **NO_NUMBER)
        party = parties.of_case(case)["new_holder"].customer
        party.user = make_user()
        party.save(update_fields=["user"])
        for person in (ADA, JAN):
            acts(party, person)
        item = ask(case, "confirm_new")
        takes = {"number_kind": "NIP", "number": "1234563218", **ADDRESS}

        with pytest.raises(Invalid) as refused:
            confirm(item, party, "agreed", **takes)
        assert "Say no here; then it can be opened anew in that way." in str(refused.value.errors["decision"])
        assert confirm(item, party, "declined").outcome == "declined"


def confirm(item: WorkItem, by: Customer, decision: str, **more: str) -> answering.Receipt:
    actor = customer_actor(by, level=Level.CONFIRMED, proof="totp")
    return answering.answer(item_id=item.id, by=actor, data={"decision": decision, **more})


class TestInAFile:
    def test_both_must_have_signed_it(self, company: Customer, authority: Authority) -> None:
        case = opened(company, "signed_pdf")
        effect(case, "make_form")
        item = ask(case, "upload_form")
        form_of_item = catalogue.answering(item).form_for(item, by=customer_actor(company))
        assert f"For {COMPANY}, two people sign it." in str(form_of_item.intro)

        add(item, signed(case, authority, ADA, EWA))
        with pytest.raises(Refused) as refused:
            send(item)
        assert refused.value.sentence == (
            f"Two people sign for {COMPANY} together: Ada Lis signed, the signature of Jan Kowalski is still missing."
        )
        add(item, signed(case, authority, ADA, EWA, JAN))
        assert send(item).outcome == "signed"

    def test_a_company_that_we_know_as_new_holder_is_bound_by_its_register_too(
        self, company: Customer, authority: Authority
    ) -> None:
        mail = company.contact_points.get(kind="mail").value
        holder = make_customer()
        case = open_cession(
            make_domain(holder), route="signed_pdf", new_is="organisation", organisation_name=COMPANY, mail=mail,
            number_kind="NIP", number="1234563218", **ADDRESS,
        )  # fmt: skip
        effect(case, "make_form")
        maria = Particulars(holder.given_name, holder.family_name, "NL", f"PNONL-{holder.national_ids.get().number}")
        item = ask(case, "upload_form")

        add(item, signed(case, authority, maria, JAN))
        with pytest.raises(Refused, match="the signature of Ada Lis is still missing"):
            send(item)
        add(item, signed(case, authority, maria, JAN, ADA))
        assert send(item).outcome == "signed"


class TestOnPaper:
    @pytest.fixture
    def case(self, company: Customer) -> Case:
        case = opened(company, "paper")
        effect(case, "make_form")
        return case

    def test_the_form_has_a_place_for_each_of_the_two(self, case: Case) -> None:
        made = papers.form_of(case)
        assert made is not None

        text = " ".join(pdfs.text_of(storing.read(made)).split())

        assert "Holder now: the first person" in text
        assert "Holder now: the second person" in text
        assert "New holder: the first person" not in text

    def test_the_checkers_are_asked_for_both_by_name(self, case: Case) -> None:
        item = ask(case, "check_form")

        asked = catalogue.answering(item).form_for(item, by=system())

        assert list(asked.fields).index("both_signed") > list(asked.fields).index("register_extract")
        assert f"Two of these must have signed. {COMPANY}: Ada Lis, Jan Kowalski." in str(
            asked.fields["both_signed"].help_text
        )
        shown = dict(evidence.parties(case, item))
        assert shown["Who acts for the holder"] == (
            "Ada Lis, only together with another one; Jan Kowalski, only together with another one"
        )

    def test_nobody_is_asked_for_two_where_one_is_enough(self, company: Customer) -> None:
        acts(company, Particulars("Eva", "de Wit", "PL", "PNOPL-02070803628"), May.ALONE)
        item = ask(opened(company, "paper"), "check_form")

        assert "both_signed" not in catalogue.answering(item).form_for(item, by=system()).fields
