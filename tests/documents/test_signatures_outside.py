"""Other tools and ours agree on honest files: pyHanko's own command line, Debian's `pdfsig` (poppler and NSS: no line
of code in common with ours), and a signer made of `cryptography` alone. On changed files ours must be as strict or
stricter.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from backoffice.documents.signatures.verdict import Code
from devstack.signers import Extras, sign

from . import forging
from .other_tool import sign_otherwise
from .signing import HOLDER, NOW, Scene

LATER = NOW + timedelta(minutes=5)
PDFSIG = shutil.which("pdfsig")
needs_pdfsig = pytest.mark.skipif(PDFSIG is None, reason="no pdfsig: on Debian, apt-get install poppler-utils")


def pdfsig(pdf: bytes, folder: Path) -> list[tuple[str, str]]:
    """For each signature: what it says of the coverage, and of the signature."""
    path = folder / "asked.pdf"
    path.write_bytes(pdf)
    said = subprocess.run([PDFSIG or "", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    covers = [line.strip(" -") for line in said.splitlines() if "document signed" in line]
    valid = [line.partition("Validation: ")[2] for line in said.splitlines() if "Signature Validation:" in line]
    return list(zip(covers, valid, strict=True))


def pyhanko(pdf: bytes, scene: Scene, folder: Path) -> bool:
    path, trust = folder / "asked.pdf", scene.authority.trust
    path.write_bytes(pdf)
    command = [Path(sys.executable).with_name("pyhanko"), "sign", "validate", "--trust-replace", "--executive-summary"]
    command += ["--trust", trust / "root.pem", "--other-certs", trust / "issuing.pem"]
    command += ["--validation-time", (NOW + timedelta(hours=1)).isoformat(), path]
    return subprocess.run(list(map(str, command)), capture_output=True, check=False).returncode == 0


def test_what_another_tool_signed_is_accepted(scene: Scene) -> None:
    alone = sign_otherwise(scene.form, scene.piotr, field="Holder")
    after_ours = sign_otherwise(scene.one, scene.eva, field="NewHolder")
    before_ours = sign(alone, scene.eva, field="NewHolder", at=LATER)

    assert scene.verdict(alone, wanted=[HOLDER], original=scene.form).accepted
    assert scene.verdict(before_ours, original=scene.form).accepted
    assert scene.verdict(after_ours, original=scene.form).accepted
    assert scene.verdict(forging.changed_page(alone), wanted=[HOLDER]).codes == {Code.PAGE_CHANGED}


def test_the_command_line_of_the_library_agrees(scene: Scene, tmp_path: Path) -> None:
    changed = forging.changed_page(scene.two)

    assert pyhanko(scene.two, scene, tmp_path) is scene.verdict(scene.two).accepted is True
    assert pyhanko(changed, scene, tmp_path) is scene.verdict(changed).accepted is False


@needs_pdfsig
def test_pdfsig_agrees_on_honest_files(scene: Scene, tmp_path: Path) -> None:
    data = sign(scene.one, scene.eva, field="NewHolder", at=LATER, extras=Extras(time_stamp=True))
    otherwise = sign_otherwise(scene.one, scene.eva, field="NewHolder")

    for signed in (scene.two, data, otherwise):
        assert scene.verdict(signed, original=scene.form).accepted
        assert pdfsig(signed, tmp_path) == [
            ("Not total document signed", "Signature is Valid."),
            ("Total document signed", "Signature is Valid."),
        ]


@needs_pdfsig
def test_pdfsig_takes_for_valid_what_we_refuse(scene: Scene, tmp_path: Path) -> None:
    """It checks each signature by itself: what came after, nobody told it to refuse."""
    changed, lengthened = forging.changed_page(scene.one), scene.one + b"% more"

    assert not scene.verdict(changed, wanted=[HOLDER]).accepted
    assert not scene.verdict(lengthened, wanted=[HOLDER]).accepted
    said = [("Not total document signed", "Signature is Valid.")]
    assert pdfsig(changed, tmp_path) == pdfsig(lengthened, tmp_path) == said


@needs_pdfsig
def test_neither_takes_altered_words(scene: Scene, tmp_path: Path) -> None:
    altered = bytearray(scene.one)
    altered[altered.index(b"/MediaBox") + 1] ^= 1

    assert Code.ALTERED in scene.verdict(bytes(altered), wanted=[HOLDER]).codes
    assert [valid for _covers, valid in pdfsig(bytes(altered), tmp_path)] == ["Digest Mismatch."]
