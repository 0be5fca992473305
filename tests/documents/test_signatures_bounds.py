"""A hostile file costs little, and is refused; so is a file of which any byte was changed."""

from __future__ import annotations

import contextlib
import io
import random
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from backoffice.documents.signatures.deadline import OutOfTime, within
from backoffice.documents.signatures.examining import examine
from backoffice.documents.signatures.file import LARGEST
from backoffice.documents.signatures.verdict import Code, Verdict
from devstack.signers import sign

from . import forging
from .signing import HOLDER, NOW, Scene

TRIED = 25


def test_no_changed_byte_goes_unseen(scene: Scene) -> None:
    """Also those of the tables, and of the room behind the signature. Within it, the certificates that it brings of
    others are not signed, as in any signature: they are checked by themselves, and prove nothing of the document."""
    drawn = random.Random(20261129)
    start, end = forging.ranges(scene.one).gap
    signed = [place for place in range(len(scene.one)) if not start < place < end]
    places = {start + 1, end - 2, len(scene.one) - 1, *drawn.sample(signed, TRIED)}

    for place in sorted(places):
        changed = bytearray(scene.one)
        changed[place] ^= 1
        assert not scene.verdict(bytes(changed), wanted=[HOLDER]).accepted, place


def test_no_end_that_is_cut_off_goes_unseen(scene: Scene) -> None:
    for missing in (1, 2, 6, 7, 30, 300, 3000):
        assert not scene.verdict(scene.one[:-missing], wanted=[HOLDER]).accepted, missing


NONSENSE: dict[str, tuple[Callable[[Scene], bytes], Code]] = {
    "nothing": (lambda scene: b"", Code.UNREADABLE),
    "text": (lambda scene: b"Dear all, I agree.", Code.UNREADABLE),
    "a head alone": (lambda scene: b"%PDF-1.7\n", Code.UNREADABLE),
    "bytes before the head": (lambda scene: b"GIF89a" + scene.one, Code.UNREADABLE),
    "too many bytes": (lambda scene: scene.one + bytes(LARGEST), Code.TOO_LARGE),
    "a deep nest": (lambda scene: forging.rooted(scene.one, Nest=b"[" * 5000 + b"]" * 5000), Code.TOO_COMPLEX),
    "a tree that goes round": (
        lambda scene: forging.rooted(sign(forging.prepared(), scene.piotr, field="H", at=NOW), Pages=b"13 0 R"),
        Code.PAGE_CHANGED,
    ),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_refused(scene: Scene, what: str) -> None:
    make, code = NONSENSE[what]

    assert code in scene.verdict(make(scene), wanted=[HOLDER]).codes


def test_an_encrypted_file_is_refused_in_words_of_its_own(scene: Scene) -> None:
    writer: Any = copy_into_new_writer(PdfFileReader(io.BytesIO(scene.form)))
    writer.encrypt("owner", "user")
    out = io.BytesIO()
    writer.write(out)

    assert scene.verdict(out.getvalue()).codes == {Code.ENCRYPTED}


def test_a_file_whose_paths_cannot_be_counted_ends_in_time(scene: Scene) -> None:
    """Forty objects, each naming the next one twice: a trillion paths."""
    chain = {number: b"[%d 0 R %d 0 R]" % (number + 1, number + 1) for number in range(100, 140)}
    chain[140] = b"(end)"
    form = forging.update(forging.prepared(), chain)
    form = forging.rooted(form, PieceInfo=b"100 0 R")
    signed = sign(sign(form, scene.piotr, field="Holder", at=NOW), scene.piotr, field="Again", at=NOW)
    began = time.process_time()
    verdict = _examined_within(scene, signed, seconds=0.5)

    assert verdict.codes == {Code.TOO_COMPLEX}
    assert time.process_time() - began < 3


def test_the_end_of_the_time_comes_again_where_the_interpreter_swallowed_it() -> None:
    """As it does in a destructor, or in a callback of the garbage collector."""
    swallowed = 0

    def work() -> None:
        nonlocal swallowed
        with contextlib.suppress(OutOfTime):
            _busy(20)
        swallowed += 1
        _busy(20)

    with pytest.raises(OutOfTime):
        within(0.05, work)
    assert swallowed == 1


def test_work_that_ends_as_its_time_does_gives_its_result_or_is_out_of_time() -> None:
    for _ in range(200):
        with contextlib.suppress(OutOfTime):
            assert within(0.001, lambda: _busy(0.001)) is None
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)


def _busy(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def _examined_within(scene: Scene, pdf: bytes, *, seconds: float) -> Verdict:
    return examine(pdf, wanted=[HOLDER], trust=scene.trust, at=NOW, longest=seconds)


def test_nobody_pays_for_the_library_before_a_file_comes() -> None:
    """Its import takes most of a second, and Django's start must not wait for it."""
    code = (
        "import sys; import backoffice.documents.signatures.examining, backoffice.documents.signatures.words;"
        "import backoffice.documents.signatures.fields, devstack.signers;"
        "sys.exit(any(name.startswith(('pyhanko', 'asn1crypto', 'lxml')) for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
