"""A second party who gets a code from the hand of the case's customer: what it is good for, and when it is not."""

from __future__ import annotations

import pytest

from backoffice.actors import Level, system
from backoffice.cases import handing_over, parties
from backoffice.cases.models import Case, CaseState, Event, Party
from backoffice.cases.parties import Invited
from backoffice.cases.timeline_view import Reader, lines
from backoffice.cases.ways import CODE_BY_HAND
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid, NeedsProof, NotFound
from backoffice.staff.models import Role
from backoffice.trust.codes import CodeRefused
from backoffice.trust.models import Code
from tests.cases.joining import (
    OWN_MAIL,
    WRONG,
    _bell_with_a_party,
    case,
    claim,
    invited,
    join,
    joined,
    later,
    made,
    sent,
    take_part,
)
from tests.engine.ringing import open_bell
from tests.factories import actor, make_customer, make_staff
from tests.playing import customer_actor, outside_actor

__all__ = ["_bell_with_a_party", "case"]
pytestmark = pytest.mark.django_db


class TestByHand:
    def test_nobody_is_written_to_and_the_record_has_no_address(self, case: Case) -> None:
        party = invited(case)

        assert not Message.objects.exists()
        assert not party.customer.contact_points.exists()
        assert Event.objects.filter(case=case, kind="party.named").count() == 1

    def test_the_code_and_a_proven_mail_address_open_the_account(self, case: Case) -> None:
        invited(case)
        code = made(case)

        claim(case, code)
        assert not parties.of_case(case)["neighbour"].customer.contact_points.exists()
        user = join(case)

        customer = joined(case)
        assert customer.user == user
        point = customer.contact_points.get()
        assert (point.value, point.verified_how, point.superseded_at) == (OWN_MAIL, "enrolment_code", None)
        assert Event.objects.get(case=case, kind="party.joined").data == {"party": "neighbour", "way": "hand"}
        assert parties.of_case(case)["neighbour"].claimed_mail is None

    def test_the_timeline_says_how_they_joined(self, case: Case) -> None:
        invited(case)
        claim(case, made(case))
        join(case)

        told = lines(list(Event.objects.filter(case=case)), [Case.objects.get(id=case.id)], reader=Reader.STAFF)

        said = " ".join(str(line.sentence) for line in told)
        assert "opened an account by a code that the other one gave them: the neighbour" in said

    def test_neither_code_is_in_clear_anywhere(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code)
        proof = sent("party_proves_mail")

        rows = str(
            [*Code.objects.values(), *Event.objects.values(), *Message.objects.values(), *Party.objects.values()]
        )
        for one in (code, proof):
            assert one not in rows
            assert one.replace("-", "") not in rows

    def test_the_code_lasts_seven_days(self, case: Case) -> None:
        invited(case)
        code = made(case)

        with pytest.raises(CodeRefused):
            claim(case, code, now=later(days=CODE_BY_HAND.days, seconds=1))
        claim(case, code, now=later(days=CODE_BY_HAND.days, seconds=-60))

    def test_a_new_one_voids_the_one_before_and_what_was_claimed_with_it(self, case: Case) -> None:
        invited(case)
        first = made(case)
        claim(case, first)
        proof = sent("party_proves_mail")

        made(case)

        with pytest.raises(CodeRefused):
            claim(case, first)
        with pytest.raises(CodeRefused):
            join(case, code=proof)

    def test_it_is_good_once(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code)
        join(case)

        with pytest.raises(CodeRefused):
            claim(case, code, mail="other@own.example")
        with pytest.raises(CodeRefused):
            join(case, username="ewa2")

    def test_a_mistyped_address_is_claimed_again_and_the_first_counts_no_more(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code, mail="eva@own.example")
        wrong = sent("party_proves_mail")

        claim(case, code)

        with pytest.raises(CodeRefused):
            join(case, mail="eva@own.example", code=wrong)
        assert join(case)

    def test_it_is_good_for_no_other_case(self, case: Case) -> None:
        other = open_bell()
        invited(case)
        invited(other)
        made(other)

        with pytest.raises(CodeRefused):
            claim(other, made(case))

    def test_after_the_case_is_stopped_it_is_good_for_nothing(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code)
        proof = sent("party_proves_mail")

        for state in (CaseState.STOPPING, CaseState.CLOSED):
            Case.objects.filter(id=case.id).update(state=state)
            with pytest.raises(CodeRefused):
                claim(case, code)
            with pytest.raises(CodeRefused):
                join(case, code=proof)
            with pytest.raises(NotFound):
                made(case)

    def test_five_wrong_codes_block_it(self, case: Case) -> None:
        invited(case)
        code = made(case)
        said = []
        for _try in range(5):
            with pytest.raises(CodeRefused) as refused:
                claim(case, WRONG)
            said.append(refused.value.sentence)

        assert "one more try" in said[3]
        assert "now blocked" in said[4]
        with pytest.raises(CodeRefused):
            claim(case, code)
        claim(case, made(case))

    def test_ten_tries_an_hour_from_one_network_and_no_more(self, case: Case) -> None:
        invited(case)
        code = made(case)
        for _try in range(10):
            with pytest.raises(CodeRefused):
                claim(case, WRONG, reference="K7Q-4MX-2")

        with pytest.raises(Conflict, match="Too many tries"):
            claim(case, code)
        with pytest.raises(Conflict, match="Too many tries"):
            take_part(case, make_customer(), code)

    def test_no_more_than_five_addresses_are_written_to_with_one_code(self, case: Case) -> None:
        invited(case)
        code = made(case)
        for number in range(5):
            claim(case, code, mail=f"ewa{number}@own.example")

        with pytest.raises(Conflict, match="as many codes as we send"):
            claim(case, code)
        claim(case, made(case))

    def test_whatever_is_wrong_the_words_are_the_same(self, case: Case) -> None:
        invited(case)
        code = made(case)
        for reference, typed in (("K7Q-4MX-2", code), ("nonsense", code), (case.reference, WRONG)):
            with pytest.raises(CodeRefused) as refused:
                claim(case, typed, reference=reference)
            assert refused.value.sentence.startswith("This code does not work here. Check that you typed the newest")

    def test_the_opener_cannot_be_reached_as_the_other_party_too(self, case: Case) -> None:
        invited(case)
        own = case.customer.contact_points.get(kind="mail").value

        with pytest.raises(Invalid) as refused:
            claim(case, made(case), mail=own.upper())
        assert set(refused.value.errors) == {"mail"}

    def test_an_address_that_is_none_is_refused_on_its_field(self, case: Case) -> None:
        invited(case)

        with pytest.raises(Invalid) as refused:
            claim(case, made(case), mail="ewa at example")
        assert set(refused.value.errors) == {"mail"}

    def test_the_code_for_the_address_is_sent_again_to_that_address_only(self, case: Case) -> None:
        invited(case)
        claim(case, made(case))
        before = Message.objects.count()

        parties.invite_again(reference=case.reference, mail="other@own.example", by=outside_actor())
        assert Message.objects.count() == before
        for _again in range(9):
            parties.invite_again(reference=case.reference, mail=OWN_MAIL, by=outside_actor())

        assert Message.objects.count() == 5
        assert join(case)


class TestWhoMakesTheCode:
    def test_is_the_customer_after_proving_who_they_are(self, case: Case) -> None:
        invited(case)

        with pytest.raises(NeedsProof):
            handing_over.make_code(case_id=case.id, role="neighbour", by=customer_actor(case.customer))
        assert made(case)

    def test_is_nobody_else(self, case: Case) -> None:
        invited(case)
        staff = actor(make_staff(role=Role.SUPERVISOR))
        for by, refusal in (
            (customer_actor(make_customer(), level=Level.CONFIRMED), NotFound),
            (staff, Forbidden),
            (outside_actor(), Forbidden),
            (system(), Forbidden),
        ):
            with pytest.raises(refusal):
                handing_over.make_code(case_id=case.id, role="neighbour", by=by)

    def test_needs_an_invitation_that_waits_for_one(self, case: Case) -> None:
        with pytest.raises(NotFound):
            made(case)
        invited(case, Invited("Ewa", "Nowak", OWN_MAIL))
        with pytest.raises(NotFound):
            made(case)

    def test_gets_at_most_ten(self, case: Case) -> None:
        invited(case)
        for _one in range(10):
            made(case)

        with pytest.raises(Conflict, match="as many codes as we give"):
            made(case)

    def test_makes_none_while_the_case_is_paused_or_once_they_have_joined(self, case: Case) -> None:
        invited(case)
        code = made(case)
        Case.objects.filter(id=case.id).update(state=CaseState.FROZEN)
        with pytest.raises(NotFound):
            made(case)
        Case.objects.filter(id=case.id).update(state=CaseState.OPEN)
        claim(case, code)
        join(case)

        with pytest.raises(NotFound):
            made(case)
