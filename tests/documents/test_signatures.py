"""Honest signed PDFs are accepted, and told signature by signature; who and what is missing is refused by its code."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from backoffice.documents.signatures import words
from backoffice.documents.signatures.fields import Field, prepare_fields
from backoffice.documents.signatures.parties import Representative, Subject, WantedSigner, person_number, tax_number
from backoffice.documents.signatures.trust_list import TrustList
from backoffice.documents.signatures.verdict import Addition, Code, Reason, Revocation
from devstack.certificate_authority import YEAR, Usage
from devstack.signers import PIOTR, Extras, sign

from .signing import COMPANY, FOREIGNER, HOLDER, NOW, Scene

LATER = NOW + timedelta(minutes=5)


def test_one_signer_is_accepted(scene: Scene) -> None:
    verdict = scene.verdict(scene.one, wanted=[HOLDER], original=scene.form)

    assert verdict.accepted
    (seen,) = verdict.signatures
    assert (seen.signer, seen.party, seen.issuer) == ("Piotr Nowak", "holder", "Demonstration Issuing CA")
    assert seen.claimed_time == NOW
    assert seen.whole_file
    assert seen.trusted
    assert seen.revocation is Revocation.GOOD
    assert words.coverage(seen) == "It covers the whole file."


def test_two_signers_one_after_the_other_are_accepted(scene: Scene) -> None:
    verdict = scene.verdict(scene.two, original=scene.form)

    assert verdict.accepted
    first, second = verdict.signatures
    assert (first.party, second.party) == ("holder", "new_holder")
    assert first.followed_by == (Addition.SIGNATURE,)
    assert words.coverage(first) == "It covers the document as it was then. After it came: another signature."
    assert second.organisation == "Tulip Trading sp. z o.o."
    assert second.whole_file


def test_signatures_in_the_fields_of_the_form_may_be_seen(scene: Scene) -> None:
    form = prepare_fields(
        scene.form, [Field("Holder", -1, (20, 40, 150, 90)), Field("NewHolder", 2, (160, 40, 300, 90))]
    )
    one = sign(form, scene.piotr, field="Holder", at=NOW)
    two = sign(one, scene.eva, field="NewHolder", at=LATER)

    assert scene.verdict(two, original=form).accepted
    assert scene.verdict(form).codes == {Code.NO_SIGNATURE, Code.MISSING_PARTY}


def test_a_person_abroad_signs_with_their_own_number(scene: Scene) -> None:
    signed = sign(scene.one, scene.maria, field="NewHolder", at=LATER)

    assert scene.verdict(signed, wanted=[HOLDER, FOREIGNER], original=scene.form).accepted


@pytest.mark.parametrize(
    ("extras", "last"),
    [
        (Extras(time_stamp=True), ()),
        (Extras(time_stamp=True, validation_data=True), (Addition.VALIDATION_DATA,)),
        (Extras(document_time_stamp=True), (Addition.VALIDATION_DATA, Addition.TIME_STAMP)),
    ],
    ids=["B-T", "B-LT", "B-LTA"],
)
def test_data_for_later_may_follow(scene: Scene, extras: Extras, last: tuple[Addition, ...]) -> None:
    signed = sign(scene.one, scene.eva, field="NewHolder", at=LATER, extras=extras)
    verdict = scene.verdict(signed, original=scene.form)

    assert verdict.accepted
    assert set(last) <= set(verdict.signatures[1].followed_by)
    assert verdict.signatures[1].trusted_time == LATER


def test_revocation_answers_in_the_file_are_enough(scene: Scene) -> None:
    signed = sign(scene.form, scene.piotr, field="Holder", at=NOW, extras=Extras(time_stamp=True, validation_data=True))
    ours = TrustList(anchors=scene.trust.anchors)

    assert scene.verdict(signed, wanted=[HOLDER], trust=ours).accepted
    assert scene.verdict(scene.one, wanted=[HOLDER], trust=ours).codes == {Code.REVOCATION_UNKNOWN}


def test_what_was_valid_at_a_proven_time_stays_so(scene: Scene) -> None:
    """Without a time stamp, the certificate must be valid when we see the file."""
    brief = scene.other(PIOTR, valid=(NOW - YEAR, NOW + timedelta(days=1)))
    extras = Extras(time_stamp=True, validation_data=True)
    stamped = sign(scene.form, brief, field="Holder", at=NOW, extras=extras)
    bare = sign(scene.form, brief, field="Holder", at=NOW)
    later = NOW + timedelta(days=20)

    assert scene.verdict(stamped, wanted=[HOLDER], at=later).accepted
    assert scene.verdict(bare, wanted=[HOLDER], at=later).codes == {Code.EXPIRED}


def test_a_missing_party_is_named(scene: Scene) -> None:
    verdict = scene.verdict(scene.one, original=scene.form)

    assert verdict.missing == ("new_holder",)
    assert words.sentences(verdict.reasons) == ["Tulip Trading sp. z o.o. has not signed."]


def test_nobody_is_trusted_without_a_list(scene: Scene) -> None:
    assert scene.verdict(scene.two, trust=TrustList(anchors=())).codes == {Code.UNTRUSTED}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (replace(HOLDER, names=("Piotr Kowalski",)), Code.NAME_DIFFERS),
        (replace(HOLDER, numbers=COMPANY.numbers), Code.NUMBER_MISSING),
        (replace(HOLDER, numbers=(replace(HOLDER.numbers[0], number="44051401360"),)), Code.NUMBER_DIFFERS),
        (FOREIGNER, Code.NOT_A_PARTY),
    ],
    ids=["name", "no number of that kind", "number", "nobody"],
)
def test_name_and_number_must_both_be_those_of_the_party(scene: Scene, wanted: WantedSigner, code: Code) -> None:
    assert scene.verdict(scene.one, wanted=[wanted]).codes == {code, Code.MISSING_PARTY}


def test_who_hands_over_to_their_own_company_signs_twice(scene: Scene) -> None:
    own = replace(COMPANY, representatives=(Representative("Piotr Nowak", HOLDER.numbers),))
    twice = sign(scene.one, scene.piotr, field="NewHolder", at=LATER)

    assert scene.verdict(twice, wanted=[HOLDER, own], original=scene.form).accepted
    assert scene.verdict(scene.one, wanted=[HOLDER, own]).missing == ("new_holder",)


def test_numbers_are_read_in_each_style() -> None:
    pesel, nip = person_number("PL", "44051401359"), tax_number("PL", "1234563218")

    for written in ("PNOPL-44051401359", "44051401359", "PESEL: 44051401359", "pnopl-44051401359"):
        assert pesel.is_in(written, country="PL"), written
    assert nip.is_in("VATPL-123-456-32-18", country="PL")
    assert not pesel.is_in("44051401359", country="DE")
    for written in ("PASPL-44051401359", "PNODE-44051401359", "PNOPL-44051401358", "PNOPL-", ""):
        assert not pesel.is_in(written, country="PL"), written


@pytest.mark.parametrize(
    ("name", "is_same"),
    [
        ("NOWAK Piotr", True),
        ("Piotr Jan Nowak", False),
        ("Piotr", False),
        ("", False),
    ],
)
def test_a_name_is_all_of_its_words(name: str, is_same: bool) -> None:
    assert Subject(given_name="Piotr", family_name="Nowak", common_name="Somebody").is_named(name) is is_same
    assert Subject(common_name="Piotr Nowak").is_named(name) is is_same


def test_it_is_not_asked_in_an_event_loop(scene: Scene) -> None:
    async def asked() -> None:
        scene.verdict(scene.one)

    with pytest.raises(RuntimeError, match="in a thread of its own"):
        asyncio.run(asked())


def test_a_representative_signs_for_their_company_alone(scene: Scene) -> None:
    other = replace(COMPANY, numbers=(tax_number("PL", "5260250274"),))
    stranger = replace(COMPANY, representatives=(Representative("Adam Zieliński"),))

    assert Code.OTHER_COMPANY in scene.verdict(scene.two, wanted=[HOLDER, other]).codes
    assert Code.NOT_A_PARTY in scene.verdict(scene.two, wanted=[HOLDER, stranger]).codes


@pytest.mark.parametrize(
    ("valid", "code"),
    [
        ((NOW - 3 * YEAR, NOW - timedelta(days=1)), Code.EXPIRED),
        ((NOW + timedelta(days=1), NOW + YEAR), Code.NOT_YET_VALID),
    ],
    ids=["expired", "not yet valid"],
)
def test_a_certificate_out_of_its_time_is_refused(scene: Scene, valid: tuple[datetime, datetime], code: Code) -> None:
    signed = sign(scene.form, scene.other(PIOTR, valid=valid), field="Holder", at=NOW)

    assert scene.verdict(signed, wanted=[HOLDER]).codes == {code}


def test_a_key_for_another_purpose_is_refused(scene: Scene) -> None:
    wrong = scene.other(PIOTR, valid=(NOW - YEAR, NOW + YEAR), usage=Usage(signs=False))

    assert scene.verdict(sign(scene.form, wrong, field="Holder", at=NOW), wanted=[HOLDER]).codes == {
        Code.WRONG_KEY_USAGE
    }


def test_a_clock_may_not_be_ahead(scene: Scene) -> None:
    signed = sign(scene.form, scene.piotr, field="Holder", at=NOW + timedelta(days=2))

    assert scene.verdict(signed, wanted=[HOLDER]).codes == {Code.CLAIMED_TIME}


@pytest.mark.parametrize("code", Code)
def test_each_code_has_its_words(code: Code) -> None:
    told = {
        words.sentence(Reason(code, page=2, name="Anna Nowak", after="Piotr Nowak")),
        words.sentence(Reason(code, page=2, name="Anna Nowak")),
    }

    assert all(one.endswith(".") and "%" not in one and "None" not in one for one in told)
