"""People who sign forms, and the forms."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import typst
from cryptography import x509
from cryptography.x509.oid import NameOID

from backoffice.documents.signatures import trust_list
from backoffice.documents.signatures.examining import examine
from backoffice.documents.signatures.parties import (
    Representative,
    WantedSigner,
    passport,
    person_number,
    tax_number,
)
from backoffice.documents.signatures.trust_list import TrustList
from backoffice.documents.signatures.verdict import Verdict
from devstack import signers
from devstack.certificate_authority import Authority, Usage
from devstack.signers import EVA, MARIA, PIOTR, Particulars, Signer

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
"""Shortly before the tests began: some of the tools write the time of the machine into what they sign, and nobody may
look at that before it was written."""
ANNA = Particulars("Anna", "Nowak", "PL", "PNOPL-90010112349")

HOLDER = WantedSigner("holder", ("Piotr Nowak",), (person_number("PL", "44051401359"),))
COMPANY = WantedSigner(
    "new_holder",
    ("Tulip Trading sp. z o.o.",),
    (tax_number("PL", "1234563218"),),
    (Representative("Eva de Wit", (passport("NL", "NPX12345"),)),),
    is_company=True,
)
FOREIGNER = WantedSigner("new_holder", ("Maria Jansen",), (person_number("NL", "111222333"),))
BOTH = (HOLDER, COMPANY)
FORM = """
#set page(width: 12cm, height: 10cm)
= Cession of a domain
The holder hands *tulip.example* over for 1,000 euros. Case %s.
#pagebreak()
The holder: \\
The new holder: \\
"""


@dataclass
class Scene:
    """One authority, those who have certificates from it, and the form that they sign."""

    authority: Authority

    @cached_property
    def form(self) -> bytes:
        return form("C-1")

    @cached_property
    def trust(self) -> TrustList:
        return trust_list.from_folder(self.authority.trust)

    @cached_property
    def piotr(self) -> Signer:
        return signers.signer(self.authority, PIOTR, now=NOW)

    @cached_property
    def eva(self) -> Signer:
        return signers.signer(self.authority, EVA, now=NOW)

    @cached_property
    def maria(self) -> Signer:
        return signers.signer(self.authority, MARIA, now=NOW)

    @cached_property
    def anna(self) -> Signer:
        return signers.signer(self.authority, ANNA, now=NOW)

    @cached_property
    def one(self) -> bytes:
        """Signed by the holder."""
        return signers.sign(self.form, self.piotr, field="Holder", at=NOW)

    @cached_property
    def two(self) -> bytes:
        """Signed by the holder, then by the new holder's representative."""
        return signers.sign(self.one, self.eva, field="NewHolder", at=NOW + timedelta(minutes=5))

    def other(self, person: Particulars, *, valid: tuple[datetime, datetime], usage: Usage | None = None) -> Signer:
        """A signer with a certificate as it should not be."""
        return Signer(self.authority.issue(person.subject(), valid=valid, usage=usage), self.authority)

    def verdict(
        self,
        pdf: bytes,
        *,
        wanted: Sequence[WantedSigner] = BOTH,
        at: datetime = NOW + timedelta(hours=1),
        original: bytes | None = None,
        trust: TrustList | None = None,
    ) -> Verdict:
        return examine(pdf, wanted=wanted, trust=trust or self.trust, at=at, original=original)


def form(reference: str, text: str = FORM) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "form.typ"
        source.write_text(text % reference)
        return typst.compile(str(source), ignore_system_fonts=True)


def named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
