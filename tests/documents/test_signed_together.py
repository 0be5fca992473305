"""A company for which two people act together is bound by the signatures of two different ones, and by nothing less."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.documents.signatures import words
from backoffice.documents.signatures.parties import Representative, passport, person_number
from backoffice.documents.signatures.verdict import Code
from devstack import signers
from devstack.signers import EVA, Particulars, sign

from .signing import COMPANY, HOLDER, NOW, Scene

JAN = Particulars("Jan", "Kowalski", "PL", "PNOPL-90010112349")
ADA = Particulars("Ada", "Lis", "PL", "PNOPL-85050512347")
EVA_JOINTLY = Representative("Eva de Wit", (passport("NL", "NPX12345"),), alone=False)
JAN_JOINTLY = Representative("Jan Kowalski", (person_number("PL", "90010112349"),), alone=False)
ADA_JOINTLY = Representative("Ada Lis", (person_number("PL", "85050512347"),), alone=False)
ADA_ALONE = replace(ADA_JOINTLY, alone=True)
TWO = replace(COMPANY, representatives=(EVA_JOINTLY, JAN_JOINTLY))
THREE = replace(COMPANY, representatives=(EVA_JOINTLY, JAN_JOINTLY, ADA_JOINTLY))


def signed(scene: Scene, *people: Particulars) -> bytes:
    """The form of the scene, signed by the holder and then by these."""
    content = scene.one
    for number, person in enumerate(people, start=1):
        one = signers.signer(scene.authority, person, now=NOW)
        content = sign(content, one, field=f"New{number}", at=NOW + timedelta(minutes=number))
    return content


def test_two_of_them_bind_it(scene: Scene) -> None:
    verdict = scene.verdict(signed(scene, EVA, JAN), wanted=[HOLDER, TWO], original=scene.form)

    assert verdict.accepted
    assert [one.party for one in verdict.signatures] == ["holder", "new_holder", "new_holder"]


def test_one_of_them_does_not_and_the_other_is_named(scene: Scene) -> None:
    verdict = scene.verdict(scene.two, wanted=[HOLDER, TWO], original=scene.form)

    assert verdict.codes == {Code.MISSING_SECOND}
    assert verdict.missing == ("new_holder",)
    (said,) = words.sentences(verdict.reasons)
    assert said == (
        "Two people sign for Tulip Trading sp. z o.o. together: Eva de Wit signed, "
        "the signature of Jan Kowalski is still missing."
    )


def test_any_of_the_others_may_be_the_second(scene: Scene) -> None:
    verdict = scene.verdict(scene.two, wanted=[HOLDER, THREE])

    assert "the signature of Jan Kowalski or Ada Lis is still missing" in words.sentences(verdict.reasons)[0]
    assert scene.verdict(signed(scene, ADA, EVA), wanted=[HOLDER, THREE]).accepted


def test_where_nobody_else_is_known_that_is_said(scene: Scene) -> None:
    alone_on_file = replace(COMPANY, representatives=(EVA_JOINTLY,))

    verdict = scene.verdict(scene.two, wanted=[HOLDER, alone_on_file])

    assert "somebody else who may sign for it, of whom we do not know yet" in words.sentences(verdict.reasons)[0]


def test_one_person_does_not_sign_for_two(scene: Scene) -> None:
    verdict = scene.verdict(signed(scene, EVA, EVA), wanted=[HOLDER, TWO])

    assert verdict.codes == {Code.SIGNED_TWICE, Code.MISSING_SECOND}


def test_one_person_with_two_entries_or_two_certificates_is_one(scene: Scene) -> None:
    again = Representative("Eva Maria de Wit", EVA_JOINTLY.numbers, alone=False)
    married = replace(EVA, given_name="Eva Maria")
    own_number = replace(EVA, number="PNOPL-90010112349")
    both = replace(EVA_JOINTLY, numbers=(*EVA_JOINTLY.numbers, *JAN_JOINTLY.numbers))

    entries = scene.verdict(
        signed(scene, EVA, married), wanted=[HOLDER, replace(TWO, representatives=(EVA_JOINTLY, again))]
    )
    certificates = scene.verdict(
        signed(scene, EVA, own_number), wanted=[HOLDER, replace(TWO, representatives=(both, ADA_JOINTLY))]
    )

    for verdict in (entries, certificates):
        assert verdict.codes == {Code.SIGNED_TWICE, Code.MISSING_SECOND}


def test_who_may_alone_binds_it_and_another_may_sign_too(scene: Scene) -> None:
    mixed = replace(COMPANY, representatives=(EVA_JOINTLY, ADA_ALONE))

    assert scene.verdict(signed(scene, ADA), wanted=[HOLDER, mixed]).accepted
    assert scene.verdict(signed(scene, ADA, EVA), wanted=[HOLDER, mixed]).accepted
    assert scene.verdict(signed(scene, EVA), wanted=[HOLDER, mixed]).codes == {Code.MISSING_SECOND}
    assert scene.verdict(signed(scene, EVA, JAN, ADA), wanted=[HOLDER, THREE]).accepted


def test_a_stranger_is_no_second(scene: Scene) -> None:
    verdict = scene.verdict(signed(scene, EVA, ADA), wanted=[HOLDER, TWO])

    assert verdict.codes == {Code.NOT_A_PARTY, Code.MISSING_SECOND}


@pytest.mark.parametrize("times", [1, 2])
def test_who_gives_to_a_company_that_they_lead_with_another_needs_that_one_too(scene: Scene, times: int) -> None:
    piotr = Representative("Piotr Nowak", HOLDER.numbers, alone=False)
    led = replace(COMPANY, representatives=(piotr, EVA_JOINTLY))
    content = scene.two
    for number in range(times - 1):
        content = sign(content, scene.piotr, field=f"Again{number}", at=NOW + timedelta(minutes=9))

    verdict = scene.verdict(content, wanted=[HOLDER, led])

    assert verdict.accepted is (times == 2)
