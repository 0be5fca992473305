"""A form counts once, for its own case, in its newest version; its mark is read from bad scans too (threat 13)."""

from __future__ import annotations

import io
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case, Event
from backoffice.documents import checker, making, marks, pdfs, storing
from backoffice.documents.models import Document, Mark, Origin
from backoffice.documents.storing import What
from backoffice.references import characters_of, tidy_reference
from backoffice.staff.models import Role
from tests.documents import papers
from tests.factories import actor, make_card, make_staff, now
from tests.playing import customer_actor, open_card_case

pytestmark = pytest.mark.django_db
FORM = "signed_form"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case() -> Case:
    return open_card_case(make_card())


@pytest.fixture
def mark(case: Case) -> Mark:
    return marks.issue(case=case, purpose=FORM, now=now())


@cache
def form_with(mark: str) -> bytes:
    return making.make(papers.CESSION, papers.cession(mark=mark).as_data(), "pl")


def kept(case: Case, content: bytes, *, media_type: str = "application/pdf") -> Document:
    what = What(purpose=FORM, origin=Origin.SCANNED, case=case)
    return storing.keep(what, content, media_type=media_type, pages=1, by=system(), now=now())


def scan(mark: str, *, noise: float = 0, turned: float = 0, kind: str = "PNG") -> bytes:
    """The printed form as a scanner gives it: at 200 dots an inch, with single dots, not quite straight."""
    page = pdfs.drawn(form_with(mark), 1, width=1654).convert("L")
    page = page.rotate(turned, expand=True, fillcolor="white", resample=Image.Resampling.BILINEAR)
    dots = random.Random(7)
    if noise:
        size = page.width * page.height
        spoilt = bytearray(page.tobytes())
        for place in dots.sample(range(size), int(size * noise)):
            spoilt[place] = dots.choice((0, 255))
        page = Image.frombytes("L", page.size, bytes(spoilt))
    out = io.BytesIO()
    page.save(out, kind)
    return out.getvalue()


def refusal(code: str, case: Case, **more: Any) -> tuple[str, str]:
    with pytest.raises(marks.MarkRefused) as refused:
        marks.check(**{"code": code, "case": case, "purpose": FORM, **more})
    assert (refused.value.field, refused.value.status) == ("mark", 400)
    return refused.value.code, refused.value.sentence


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_mark_has_at_least_sixty_bits_and_a_check_character(mark: Mark) -> None:
    assert 30 ** (len(characters_of(mark.code)) - 1) > 2**60
    assert tidy_reference(mark.code) == mark.code


@pytest.mark.parametrize("percent", [0, 1, 2, 4, 8])
def test_the_mark_is_read_from_a_noisy_scan(percent: int) -> None:
    assert checker.codes(scan("K7Q-4MX-2AB-CDE-FG", noise=percent / 100)) == ["K7Q4MX2ABCDEFG"]


@pytest.mark.parametrize("degrees", [3, 90, 180])
def test_the_mark_is_read_from_a_scan_that_is_turned(degrees: int) -> None:
    assert checker.codes(scan("K7Q-4MX-2AB-CDE-FG", turned=degrees)) == ["K7Q4MX2ABCDEFG"]


def test_a_scan_that_is_noisy_and_turned_and_a_jpeg_is_read() -> None:
    assert checker.codes(scan("K7Q-4MX-2AB-CDE-FG", noise=0.03, turned=2, kind="JPEG")) == ["K7Q4MX2ABCDEFG"]


def test_the_mark_of_what_we_made_is_read_from_the_document(case: Case, mark: Mark) -> None:
    assert marks.read(kept(case, form_with(mark.code))) == mark.code


def test_a_page_without_a_mark_and_the_code_of_something_else_have_none(case: Case) -> None:
    blank = making.make(papers.INVOICE, papers.invoice().as_data(), "en")
    wrong = form_with("K7Q-4MX-2AB-CDE-FG")
    assert tidy_reference("K7Q-4MX-2AB-CDE-FG") is None

    assert marks.read(kept(case, blank)) is None
    assert marks.read(kept(case, wrong)) is None


# --- checking ---------------------------------------------------------------------------------------------------------


def test_the_mark_of_this_case_is_good_however_it_is_typed(case: Case, mark: Mark) -> None:
    assert marks.check(code=f" {mark.code.lower().replace('-', ' ')} ", case=case, purpose=FORM) == mark


def test_a_mark_that_we_never_issued_is_refused(case: Case, mark: Mark) -> None:
    assert refusal("nonsense", case)[0] == "unknown_mark"
    assert refusal("", case)[0] == "unknown_mark"


def test_the_form_of_another_case_is_refused_and_only_staff_learns_of_which(case: Case, mark: Mark) -> None:
    other = open_card_case(make_card())
    clerk, visitor = (actor(make_staff(role=role)) for role in (Role.SUPPORT, Role.FIELD))

    assert refusal(mark.code, other, by=clerk) == (
        "other_case",
        f"This form belongs to the case {case.reference}.",
    )
    for by in (customer_actor(other.customer), visitor, None):
        code, sentence = refusal(mark.code, other, by=by)
        assert code == "other_case"
        assert case.reference not in sentence


def test_another_form_of_the_same_case_is_refused(case: Case, mark: Mark) -> None:
    assert refusal(mark.code, case, purpose="power_of_attorney")[0] == "other_form"


def test_an_old_version_is_refused_and_the_newest_is_named(case: Case, mark: Mark) -> None:
    newest = marks.issue(case=case, purpose=FORM, now=now())

    code, sentence = refusal(mark.code, case)

    assert code == "old_version"
    assert "version 1" in sentence
    assert "version 2" in sentence
    assert newest.code in sentence
    assert marks.check(code=newest.code, case=case, purpose=FORM) == newest


def test_issuing_the_same_version_again_is_the_same_mark(case: Case, mark: Mark) -> None:
    assert marks.issue(case=case, purpose=FORM, version=1, now=now()) == mark
    assert Event.objects.filter(case=case, kind="document.mark_issued").count() == 1


# --- using ------------------------------------------------------------------------------------------------------------


def use(case: Case, mark: Mark, document: Document) -> Mark:
    return marks.use(code=mark.code, case=case, purpose=FORM, document=document, by=system(), now=now())


def test_a_mark_is_used_once(case: Case, mark: Mark) -> None:
    document = kept(case, form_with(mark.code))

    assert use(case, mark, document).used_by == document
    assert use(case, mark, document).used_by == document, "the same document again"

    assert refusal(mark.code, case)[0] == "used_before"
    with pytest.raises(marks.MarkRefused, match="used before"):
        use(case, mark, kept(case, b"%PDF-another"))
    assert Event.objects.filter(case=case, kind="document.mark_used").count() == 1
    case.refresh_from_db()
    assert timeline.verify(case) is None


def test_the_form_of_another_case_is_not_used_up_here(case: Case, mark: Mark) -> None:
    other = open_card_case(make_card())

    with pytest.raises(marks.MarkRefused, match="another case"):
        use(other, mark, kept(other, b"%PDF-1"))

    mark.refresh_from_db()
    assert mark.used_at is None


def test_the_table_itself_lets_one_document_use_one_mark(case: Case, mark: Mark) -> None:
    document = kept(case, b"%PDF-1")
    use(case, mark, document)
    newest = marks.issue(case=case, purpose=FORM, now=now())

    with pytest.raises(IntegrityError), transaction.atomic():
        Mark.objects.filter(pk=newest.pk).update(used_at=now(), used_by=document)


def test_the_marks_of_two_forms_differ(case: Case) -> None:
    assert len({marks.issue(case=case, purpose=FORM, now=now()).code for _number in range(20)}) == 20
