"""Whose certificates count: our folder, and trusted lists of the European Union by file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from backoffice.documents.signatures import trust_list
from backoffice.documents.signatures.eu_list import read_eu_list
from backoffice.documents.signatures.trust_list import TrustList, TrustListProblem
from backoffice.documents.signatures.verdict import Code
from devstack.certificate_authority import YEAR
from devstack.signers import PIOTR, Extras, sign

from .signing import HOLDER, NOW, Scene
from .trusted_list import (
    SEALS,
    SIGNATURES,
    TIME_STAMPS,
    WEBSITES,
    WITHDRAWN,
    Service,
    operator,
    signed,
    trusted_list,
    written,
)

RAN_OUT = written(-3)


def read(content: bytes) -> TrustList:
    """The list as of today, if the scheme operator signed it."""
    return read_eu_list(content, signers=[operator().certificate], at=NOW)


def test_a_granted_authority_is_trusted_without_its_root(scene: Scene) -> None:
    """And its time stamps only where its service for them is granted, too."""
    people = Service(scene.authority.issuing.certificate)
    stamps = Service(scene.authority.stamping.certificate, TIME_STAMPS, purposes=())
    stamped = sign(scene.form, scene.piotr, field="Holder", at=NOW, extras=Extras(time_stamp=True))

    for services, time in (((people,), None), ((people, stamps), NOW)):
        listed = read(signed(*services))
        verdict = scene.verdict(stamped, wanted=[HOLDER], trust=replace(listed, crls=scene.trust.crls))
        assert verdict.accepted
        assert verdict.signatures[0].trusted_time == time


@pytest.mark.parametrize(
    "changes",
    [
        {"status": WITHDRAWN},
        {"purposes": (SEALS,)},
        {"purposes": (WEBSITES,)},
        {"kind": TIME_STAMPS, "purposes": ()},
        {"since": written(24)},
    ],
    ids=["withdrawn", "for seals", "for websites", "for time stamps", "granted later"],
)
def test_a_service_that_is_not_granted_for_signatures_is_not_trusted(scene: Scene, changes: dict[str, str]) -> None:
    service = replace(Service(scene.authority.issuing.certificate), **changes)  # type: ignore[arg-type]
    listed = replace(read(signed(service)), crls=scene.trust.crls)

    assert scene.verdict(scene.one, wanted=[HOLDER], trust=listed).codes == {Code.UNTRUSTED}


def test_a_list_of_the_authority_itself_revokes_and_runs_out(scene: Scene) -> None:
    """The authority has nothing above it here, as on a list of the European Union."""
    stolen = scene.other(PIOTR, valid=(NOW - YEAR, NOW + YEAR))
    paper = sign(scene.form, stolen, field="Holder", at=NOW)
    listed = read(signed(Service(scene.authority.issuing.certificate)))
    old = scene.authority.revocation_list(scene.authority.issuing, now=NOW - timedelta(days=40))
    others = scene.authority.revocation_list(scene.authority.root, now=NOW)
    before = scene.authority.revocation_list(scene.authority.issuing, now=NOW)
    scene.authority.revoke(stolen.certificate, at=NOW)
    after = scene.authority.revocation_list(scene.authority.issuing, now=NOW)

    for lists, codes in (
        ((before,), set()),
        ((before, after), {Code.REVOKED}),
        ((old, others), {Code.REVOCATION_UNKNOWN}),
    ):
        assert scene.verdict(paper, wanted=[HOLDER], trust=replace(listed, crls=lists)).codes == codes


def test_an_old_service_that_says_no_purpose_counts(scene: Scene) -> None:
    silent = replace(Service(scene.authority.issuing.certificate), purposes=())
    both = replace(silent, purposes=(SIGNATURES, WEBSITES))

    assert len(read(signed(silent)).anchors) == 1
    assert read(signed(silent, both)) == read(signed(silent))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no list", "no XML"),
        (b"<TrustServiceStatusList/>", "no trusted list"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "no trusted list"),
        (signed(until=RAN_OUT), f"of PL ran out on {RAN_OUT[:10]}"),
        (signed(until=""), "does not say until when"),
        (signed(until="soon"), "a time that is none"),
        (signed(until="2027-01-01"), "without a zone"),
        (signed(until=written(190)), "more than six months"),
        (signed(issued=written(25)), "dated ahead"),
        (signed(issued=""), "a time that is none"),
    ],
    ids=["text", "another XML", "entities", "run out", "closed", "no time", "no zone", "too long", "ahead", "no day"],
)
def test_what_is_no_list_of_today_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(TrustListProblem, match=told):
        read(content)


def test_a_broken_certificate_in_a_list_is_refused(scene: Scene) -> None:
    listed = trusted_list(Service(scene.authority.issuing.certificate))
    broken = operator().sign(listed.replace(b"<X509Certificate>", b"<X509Certificate>A", 1))

    with pytest.raises(TrustListProblem, match="certificate that cannot be read"):
        read(broken)


def test_both_sources_count_together(scene: Scene, settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "pl.xml"
    path.write_bytes(signed(Service(scene.authority.issuing.certificate)))
    signers = path.with_suffix(".pem")
    signers.write_bytes(operator().certificate.public_bytes(Encoding.PEM))
    settings.SIGNATURES_TRUST, settings.SIGNATURES_EU_LISTS = str(scene.authority.trust), [str(path)]
    settings.SIGNATURES_EU_SIGNERS = [str(signers)]

    assert len(trust_list.current(at=NOW).anchors) == 2
    settings.SIGNATURES_TRUST, settings.SIGNATURES_EU_LISTS, settings.SIGNATURES_EU_SIGNERS = "", [], []
    assert trust_list.current(at=NOW) == trust_list.TrustList()


def test_a_folder_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    with pytest.raises(TrustListProblem, match="no folder gone"):
        trust_list.from_folder(tmp_path / "gone")
    (tmp_path / "root.pem").write_text("-----BEGIN NOTHING-----")
    with pytest.raises(TrustListProblem, match=r"root.pem holds no certificates"):
        trust_list.from_folder(tmp_path)
    (tmp_path / "root.pem").unlink()
    (tmp_path / "root.crl").write_text("nobody is revoked")
    with pytest.raises(TrustListProblem, match=r"root.crl holds no answer"):
        trust_list.from_folder(tmp_path)


def test_the_authority_is_made_once_and_kept_private(scene: Scene, tmp_path: Path) -> None:
    from devstack import prepare, signers

    prepare.make_signers(tmp_path, now=NOW)
    before = {path: path.read_bytes() for path in (tmp_path / "signers").rglob("*.pem")}
    prepare.make_signers(tmp_path, now=NOW + timedelta(days=1))

    assert {path: path.read_bytes() for path in before} == before
    assert len(before) == 4 + 2 + len(signers.PEOPLE)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "signers").rglob("*")} == {0}
    trusted = trust_list.from_folder(signers.trust_folder(tmp_path))
    assert len(trusted.anchors) == 1
    assert trusted.others[0] == signers.authority(tmp_path, now=NOW).issuing.certificate.public_bytes(Encoding.DER)
