"""Opening a cession: what is refused, to whom, and in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backoffice.cases import opening, parties
from backoffice.cases.models import Command
from backoffice.cases.ways import CODE_BY_POST, CODE_BY_POST_ABROAD, Way
from backoffice.domains.cession.calls import cautions_of
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import restored
from backoffice.domains.models import Domain, DomainState
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.trust.models import Contact
from tests.domains.ceding import ADDRESS, PESEL, content, holder_of_a_domain, make_domain, open_cession
from tests.domains.leaving import open_by_holder
from tests.factories import actor, make_customer, make_staff, now
from tests.playing import close
from workflows.domain_cession.spec import PERIODS

pytestmark = pytest.mark.django_db


def test_the_holder_opens_it_and_the_new_holder_is_invited() -> None:
    domain = holder_of_a_domain()

    case = open_cession(domain)

    assert case.subject == "tulip.pl"
    assert Cession.objects.get(case=case).domain == domain
    party = parties.of_case(case)["new_holder"].customer
    assert party.name == "Ewa Nowak"
    assert Contact.objects.filter(customer=party, case_id=case.id).exists()


def test_the_story_is_told_how_long_everybody_can_stop_it() -> None:
    generic = open_cession(holder_of_a_domain("tulip.com"))
    costly = open_cession(holder_of_a_domain("rose.pl", is_high_value=True))
    polish = open_cession(holder_of_a_domain("daisy.pl"))

    def told(case: Any) -> dict[str, Any]:
        facts: dict[str, Any] = Command.objects.get(case=case, kind="start").payload["facts"]
        return facts

    assert (told(generic)["cooling"], told(generic)["post_lock"]) == (5 * 86_400, 60 * 86_400)
    assert told(costly)["cooling"] == 5 * 86_400
    assert told(polish)["cooling"] == 3 * 86_400
    assert "post_lock" not in told(polish)


def test_a_holder_who_declined_the_lock_before_has_none() -> None:
    case = open_cession(holder_of_a_domain("tulip.com", lock_opt_out_at=now() - timedelta(days=1)))

    assert "post_lock" not in Command.objects.get(case=case, kind="start").payload["facts"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"state": DomainState.EXPIRED}, "has expired"),
        ({"state": DomainState.DISPUTED}, "There is a dispute about this domain"),
        ({"state": DomainState.GONE}, "with another registrar"),
        ({"statuses": ["serverUpdateProhibited"]}, "The registry has locked this domain"),
    ],
)
def test_a_domain_that_cannot_be_given_away_says_why_to_its_holder(fields: dict[str, Any], why: str) -> None:
    domain = holder_of_a_domain(**fields)

    with pytest.raises(Conflict, match=why):
        open_cession(domain)
    assert not Cession.objects.exists()


def test_a_second_one_of_the_same_domain_is_refused() -> None:
    domain = holder_of_a_domain()
    open_cession(domain)

    with pytest.raises(Conflict, match="under way already"):
        open_cession(domain)


def test_no_other_case_of_the_domain_is_opened_meanwhile_and_its_end_frees_it() -> None:
    domain = holder_of_a_domain()
    case = open_cession(domain)

    with pytest.raises(Conflict, match=f"under way: {case.reference}"):
        open_by_holder(domain)
    close(case, "expired")

    domain.refresh_from_db()
    assert domain.held_by_case is None
    assert open_by_holder(domain).process == "domain_transfer_out"


def test_a_domain_that_may_go_to_another_provider_is_not_given_away_meanwhile() -> None:
    domain = holder_of_a_domain()
    open_by_holder(domain)

    with pytest.raises(Conflict, match="Another case about this domain is under way"):
        open_cession(domain)


def test_an_end_that_we_do_not_look_after_is_refused() -> None:
    domain = holder_of_a_domain("tulip.pl")
    Domain.objects.filter(pk=domain.pk).update(name="tulip.zz")
    domain.refresh_from_db()

    with pytest.raises(Conflict, match=r"names that end in \.zz"):
        open_cession(domain)


def test_another_customers_domain_is_told_as_an_unknown_one() -> None:
    mine, theirs = holder_of_a_domain("mine.pl"), holder_of_a_domain("theirs.pl")

    for named in (str(theirs.public_id), "theirs.pl", "nobody.pl", "no name at all"):
        with pytest.raises(Invalid) as refused:
            open_cession(mine, domain=named)
        assert refused.value.errors["domain"] == ["We know no such domain of yours. Choose one of the list."]


def test_the_domain_can_be_named_in_both_forms() -> None:
    domain = make_domain(make_customer(), "xn--eqrt2g.pl")

    assert Cession.objects.get(case=open_cession(domain, domain="域名.pl")).domain == domain


def test_nobody_gives_a_domain_to_themselves() -> None:
    domain = holder_of_a_domain()
    mail = domain.customer.contact_points.get(kind="mail").value

    with pytest.raises(Invalid) as refused:
        open_cession(domain, mail=mail)
    assert "your own address" in str(refused.value.errors["mail"])
    assert not Cession.objects.exists()


class TestHowTheNewHolderGetsToKnow:
    def test_by_a_code_that_the_holder_gives_them_no_address_is_needed(self) -> None:
        case = open_cession(holder_of_a_domain(), invite_by="hand", mail="")

        party = parties.of_case(case)["new_holder"]
        assert party.way == Way.HAND
        assert not Contact.objects.filter(customer=party.customer).exists()
        assert cautions_of(case, now=now()) == ["new_customer", "handed_over"]

    def test_by_letter_it_goes_to_the_address_of_the_form_and_there_is_time_for_it(self) -> None:
        case = open_cession(holder_of_a_domain(), invite_by="letter", mail="", **ADDRESS)

        party = parties.of_case(case)["new_holder"]
        assert party.way == Way.LETTER
        assert Contact.objects.get(customer=party.customer).channel == "letter"
        told = Command.objects.get(case=case, kind="start").payload["facts"]
        assert (told["by_letter"], told["abroad"]) == (True, True)
        assert PERIODS.both_confirm_by_letter_abroad - timedelta(days=7) == CODE_BY_POST_ABROAD
        assert PERIODS.both_confirm_by_letter - timedelta(days=7) == CODE_BY_POST

    def test_a_letter_within_the_country_needs_less_time(self) -> None:
        home = {"country": "NL", "line1": "Lindenstraat 12", "code": "3512 AB", "town": "Utrecht"}
        case = open_cession(holder_of_a_domain(), invite_by="letter", mail="", **home)

        told = Command.objects.get(case=case, kind="start").payload["facts"]
        assert (told["by_letter"], "abroad" in told) == (True, False)

    @pytest.mark.parametrize(
        ("given", "field", "sentence"),
        [
            ({"mail": ""}, "mail", "Write the e-mail address to which we write."),
            ({"mail": "", "invite_by": "letter"}, "line1", "Write the address to which the letter goes."),
            (
                {"mail": "", "invite_by": "hand", "route": "paper"},
                "mail",
                "The registry enters the new holder's e-mail address. Write it here.",
            ),
            ({"invite_by": "pigeon"}, "invite_by", "Select a valid choice"),
        ],
    )
    def test_what_is_missing_for_it_is_said_on_its_field(
        self, given: dict[str, str], field: str, sentence: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            open_cession(holder_of_a_domain(), **given)
        assert sentence in str(refused.value.errors[field])


@pytest.mark.parametrize("route", ["signed_pdf", "paper"])
def test_a_form_needs_the_number_and_the_address_of_the_new_holder(route: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_cession(holder_of_a_domain(), route=route)
    assert {"number", "line1"} <= refused.value.errors.keys()

    case = open_cession(holder_of_a_domain("rose.pl"), route=route, number_kind="PESEL", number=PESEL, **ADDRESS)
    new = restored(Cession.objects.get(case=case).new_holder)
    assert (new.number, new.address["town"]) == (PESEL, "Warszawa")


@pytest.mark.parametrize(
    ("kind", "number", "field"),
    [
        ("PESEL", "44051401358", "number"),
        ("NIP", "1234567890", "number"),
        ("REGON", "123456789", "number"),
        ("", "44051401359", "number_kind"),
        ("PESEL", "", "number"),
    ],
)
def test_a_number_with_a_wrong_check_digit_is_told_on_its_field(kind: str, number: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_cession(holder_of_a_domain(), number_kind=kind, number=number)
    assert field in refused.value.errors


def test_a_company_is_invited_by_its_name() -> None:
    case = open_cession(holder_of_a_domain(), new_is="organisation", organisation_name="Tulipan sp. z o.o.")

    party = parties.of_case(case)["new_holder"].customer
    assert (party.kind, party.name, party.contact_person) == ("organisation", "Tulipan sp. z o.o.", "Ewa Nowak")


def test_who_is_not_named_cannot_take_it_over() -> None:
    with pytest.raises(Invalid) as refused:
        open_cession(holder_of_a_domain(), new_is="organisation")
    assert "organisation_name" in refused.value.errors


def test_staff_open_none_without_a_code_of_the_caller() -> None:

    domain = holder_of_a_domain()
    with pytest.raises(Forbidden):
        opening.open_by_form(
            process="domain_cession", customer=domain.customer, by=actor(make_staff()), key="k1", data=content(domain)
        )


def test_what_the_engine_is_told_names_nobody() -> None:
    case = open_cession(holder_of_a_domain(), number_kind="PESEL", number=PESEL)

    told = str(Command.objects.get(case=case, kind="start").payload)
    for personal in ("Ewa", "Nowak", PESEL, "tulip", "example.org"):
        assert personal not in told
