"""What may be kept and what may not, by what is in it (threat 14). The same code runs in a process of its own."""

from __future__ import annotations

import gc
import io

import pytest
from PIL import Image

from backoffice.documents import checker, making
from tests.documents import hostile, papers
from tests.documents.hostile import pdf, picture, zipped

SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
LAUNCH = b"<< /S /Launch /F (cmd.exe) >>"
LINK = b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (%s) >> >>]"
ANNOTATION = b"/Annots [<< /Type /Annot /Subtype /%s /Rect [0 0 9 9] >>]"
ACTIVE = {
    "a script at opening": pdf(catalog=b"/OpenAction " + SCRIPT),
    "a script behind a reference": pdf(catalog=b"/OpenAction 10 0 R", more=(SCRIPT,)),
    "a script whose name is spelt in hex": pdf(catalog=b"/OpenAction << /S /J#61vaScript /#4aS (x) >>"),
    "a script as a stream": pdf(catalog=b"/X << /JS 10 0 R >>", more=(b"<< /Length 1 >>\nstream\nx\nendstream",)),
    "a script among the names": pdf(catalog=b"/Names << /JavaScript << /Names [(a) 10 0 R] >> >>", more=(SCRIPT,)),
    "a script in a compressed object": hostile.in_object_stream({"/S": "/JavaScript"}),
    "a script in an earlier revision": hostile.updated(pdf(more=(SCRIPT,)), 10, b"<< >>"),
    "a script added by an update": hostile.updated(pdf(more=(b"<< >>",)), 10, SCRIPT),
    "an action when the page opens": pdf(page=b"/AA << /O << /S /GoTo /D [100 0 R /Fit] >> >>"),
    "an action when the document closes": pdf(catalog=b"/AA << /WC << /S /Named /N /Print >> >>"),
    "a program that is started": pdf(catalog=b"/OpenAction " + LAUNCH),
    "a program behind a link": pdf(page=b"/Annots [<< /Type /Annot /Subtype /Link /A " + LAUNCH + b" >>]"),
    "a link that opens at once": pdf(catalog=b"/OpenAction << /S /URI /URI (https://example.org) >>"),
    "a link to a file": pdf(page=LINK % b"file:///etc/passwd"),
    "a link that is a script": pdf(page=LINK % b"javascript:alert"),
    "another document": pdf(catalog=b"/X << /S /GoToR /F (\\\\\\\\host\\\\share) /D [0 /Fit] >>"),
    "a form that is sent": pdf(catalog=b"/X << /S /SubmitForm /F (https://example.org) >>"),
    "data that is fetched": pdf(catalog=b"/X << /S /ImportData /F (x.fdf) >>"),
    "an attachment": pdf(catalog=b"/X << /Type /Filespec /F (a.exe) /EF << /F 10 0 R >> >>", more=(b"<< >>",)),
    "an attachment that is not named": pdf(more=(b"<< /Type /EmbeddedFile /Length 0 >>\nstream\n\nendstream",)),
    "an attachment on a page": pdf(page=ANNOTATION % b"FileAttachment"),
    "rich media": pdf(page=ANNOTATION % b"RichMedia"),
    "a film": pdf(page=ANNOTATION % b"Movie"),
    "a form of XFA": pdf(catalog=b"/AcroForm << /Fields [] /XFA [] >>"),
    "a portfolio": pdf(catalog=b"/Collection << >>"),
    "content of another file": pdf(more=(b"<< /Length 0 /F (/etc/passwd) >>\nstream\n\nendstream",)),
    "PostScript": pdf(more=(b"<< /Type /XObject /Subtype /PS /Length 0 >>\nstream\n\nendstream",)),
}
HARMLESS = {
    "nothing special": pdf(),
    "thirty pages": pdf(pages=30),
    "opens on its first page": pdf(catalog=b"/OpenAction [100 0 R /XYZ null null 0]"),
    "goes to its first page": pdf(catalog=b"/OpenAction << /S /GoTo /D [100 0 R /Fit] >>"),
    "links to a page": pdf(page=LINK % b"https://example.org"),
    "writes to somebody": pdf(page=LINK % b"mailto:a@example.org"),
    "has a font that is called like a script": pdf(
        page=b"/Resources << /Font << /AA 10 0 R /JS 10 0 R >> >>",
        more=(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",),
    ),
    "was saved twice": hostile.updated(pdf(more=(b"<< >>",)), 10, b"<< /Changed true >>"),
    "ends with blanks": pdf() + b"\r\n\0\0",
}
POLYGLOT = {
    "a PDF and an archive behind it": pdf() + zipped(),
    "a PDF and an archive as a comment": pdf(more=(b"<< /Length 999 >>\nstream\n" + zipped() + b"\nendstream",)),
    "a PDF and a page behind it": pdf() + b"<html><script>alert(1)</script></html>",
    "a PDF with a page in its first line": pdf().replace(b"%PDF-1.7\n", b"%PDF-1.7 <script>alert(1)</script>\n", 1),
    "a PDF that does not begin at the beginning": b"GIF89a\n" + pdf(),
    "a PDF after blanks": b"\n\n" + pdf(),
    "a picture and an archive": picture("PNG") + zipped(),
    "a picture and a page": picture("JPEG", comment=b"<script>alert(1)</script>"),
    "a picture that is a PDF too": picture("JPEG", comment=pdf()[:200]),
}
OTHER_TYPE = {
    "a web page": b"<html><body>hello</body></html>",
    "an archive": zipped(),
    "a document of an office": zipped("word/document.xml"),
    "a GIF": b"GIF89a" + b"\0" * 100,
    "a picture of vectors": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a program": b"MZ\x90\0" + b"\0" * 100,
    "text": "zażółć".encode(),
}
DAMAGED = {
    "the beginning of a PDF": pdf()[:200],
    "a PDF without its tables": b"%PDF-1.7\nhello\n%%EOF\n",
    "a PDF that counts pages which are not there": pdf(count=7),
    "a PDF without a page": pdf(pages=0),
    "a PDF whose pages are a number": pdf().replace(b"/Pages 2 0 R", b"/Pages 22    "),
    "half a picture": picture("JPEG", size=(900, 900))[:400],
    "the head of a picture": picture("PNG")[:30],
}


def refusal(content: bytes) -> str:
    with pytest.raises(checker.Refused) as refused:
        checker.check(content)
    return str(refused.value)


@pytest.mark.parametrize("what", ACTIVE)
def test_a_pdf_that_acts_by_itself_is_refused(what: str) -> None:
    assert refusal(ACTIVE[what]) == "active"


@pytest.mark.parametrize("what", HARMLESS)
def test_a_harmless_pdf_is_kept_as_it_is(what: str) -> None:
    told, picture = checker.check(HARMLESS[what])

    assert told["media_type"] == "application/pdf"
    assert picture == b""


@pytest.mark.parametrize("what", POLYGLOT)
def test_a_file_of_two_kinds_is_refused(what: str) -> None:
    assert refusal(POLYGLOT[what]) == "polyglot"


@pytest.mark.parametrize("what", OTHER_TYPE)
def test_another_kind_of_file_is_refused_whatever_it_is_called(what: str) -> None:
    assert refusal(OTHER_TYPE[what]) == "other_type"


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused(what: str) -> None:
    assert refusal(DAMAGED[what]) == "damaged"


def test_a_script_in_a_compressed_object_cannot_be_found_by_its_letters() -> None:
    assert b"JavaScript" not in ACTIVE["a script in a compressed object"]


def test_a_pdf_with_a_password_is_refused() -> None:
    assert refusal(hostile.encrypted()) == "encrypted"


def test_a_pdf_with_too_many_pages_is_refused() -> None:
    assert refusal(pdf(pages=31)) == "too_many_pages"


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    assert refusal(hostile.png_bomb()) == "too_many_pixels"


def test_what_is_nested_too_deeply_is_refused() -> None:
    """Without the garbage collector: at the bottom of the stack there is no room for what others left to be finalised
    with."""
    gc.disable()
    try:
        assert refusal(hostile.deep()) in ("too_complex", "damaged")
    finally:
        gc.enable()


def test_what_we_make_ourselves_can_be_sent_back_to_us() -> None:
    made = making.make(papers.CESSION, papers.cession().as_data(), "pl")

    assert checker.check(made) == ({"media_type": "application/pdf", "pages": 1}, b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_drawn_anew_without_what_it_carried(kind: str) -> None:
    told = Image.Exif()
    told[0x010E] = "taken at home"
    told[0x0112] = 6
    sent = picture(kind, exif=told) + (b"" if kind == "PNG" else b"trailing bytes of a telephone")

    found, drawn = checker.check(sent)

    assert found == {"media_type": f"image/{kind.lower()}", "pages": 1}
    assert b"taken at home" not in drawn
    assert b"telephone" not in drawn
    with Image.open(io.BytesIO(drawn)) as kept:
        assert kept.size == (200, 300), "turned upright"
        assert not kept.getexif()


def test_a_picture_without_a_background_is_drawn_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")

    with Image.open(io.BytesIO(checker.check(out.getvalue())[1])) as kept:
        assert kept.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
