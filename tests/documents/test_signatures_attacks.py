"""Each published class of attack on signed PDFs is generated, and refused with the right reason (threat 12).

Incremental saving, signature wrapping and universal forgery: Mladenov et al., "1 Trillion Dollar Refund", CCS 2019.
Shadow attacks: Mainka et al., NDSS 2021. Evil annotations and sneaky signatures: Rohlmann et al., IEEE S&P 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.fields import MDPPerm, SigFieldSpec

from backoffice.documents.signatures import trust_list, words
from backoffice.documents.signatures.fields import Field, prepare_fields
from backoffice.documents.signatures.trust_list import TrustList
from backoffice.documents.signatures.verdict import Code
from devstack import signers
from devstack.certificate_authority import YEAR, Usage, certify
from devstack.signers import PIOTR, Extras, Signer, sign

from . import forging
from .signing import BOTH, HOLDER, NOW, Scene, form

LATER = NOW + timedelta(minutes=5)
NOTE = b"<</Type/Annot/Subtype/FreeText/Rect[10 10 200 100]/Contents(1 euro)/DA(/Helv 12 Tf)>>"
OVERLAY = b"<</FT/Tx/T(price)/V(1 euro)/Type/Annot/Subtype/Widget/Rect[10 150 200 170]>>"
SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"

INCREMENTAL_SAVING: dict[str, tuple[Callable[[bytes], bytes], Code]] = {
    "another page content": (forging.changed_page, Code.PAGE_CHANGED),
    "another page content, no table": (lambda pdf: forging.changed_page(pdf, table=False), Code.LENGTHENED),
    "a body alone": (lambda pdf: forging.changed_page(pdf, table=False, ending=False), Code.LENGTHENED),
    "with a sibling of the signature": (forging.sibling, Code.RANGE_BROKEN),
    "one page more": (forging.added_page, Code.PAGE_ADDED),
    "one page less": (forging.removed_page, Code.PAGE_REMOVED),
    "a note": (lambda pdf: forging.annotated(pdf, NOTE), Code.ANNOTATION_ADDED),
    "a form field over the words": (lambda pdf: forging.fielded(pdf, OVERLAY), Code.FIELD_ADDED),
    "an action": (lambda pdf: forging.rooted(pdf, OpenAction=SCRIPT), Code.ACTION_ADDED),
    "a table of names": (lambda pdf: forging.rooted(pdf, Names=b"<<>>"), Code.ACTION_ADDED),
    "an object that nothing uses": (
        lambda pdf: forging.update(pdf, {forging.free_number(pdf): b"(kept for later)"}),
        Code.DOCUMENT_CHANGED,
    ),
    "nothing at all": (lambda pdf: forging.update(pdf, {}), Code.DOCUMENT_CHANGED),
    "a line end": (lambda pdf: pdf + b"\n", Code.LENGTHENED),
    "a comment": (lambda pdf: pdf + b"% 1 euro", Code.LENGTHENED),
    "another file": (lambda pdf: pdf + b"PK\x03\x04" + bytes(64), Code.LENGTHENED),
}


@pytest.mark.parametrize("has_form", [True, False], ids=["form known", "form unknown"])
@pytest.mark.parametrize("how", INCREMENTAL_SAVING)
def test_nothing_may_be_saved_behind_the_signature(scene: Scene, how: str, has_form: bool) -> None:
    forge, code = INCREMENTAL_SAVING[how]
    verdict = scene.verdict(forge(scene.one), wanted=[HOLDER], original=scene.form if has_form else None)

    assert not verdict.accepted
    assert code in verdict.codes


def test_the_refusal_names_what_was_changed(scene: Scene) -> None:
    changed = scene.verdict(forging.changed_page(scene.two, 2), original=scene.form)
    lengthened = scene.verdict(scene.two + b"\n")
    noted = scene.verdict(forging.annotated(scene.one, NOTE), wanted=[HOLDER])

    assert words.sentences(changed.reasons) == ["Page 2 was changed after Eva de Wit signed."]
    assert words.sentences(lengthened.reasons) == ["The file was lengthened after Eva de Wit signed."]
    assert words.sentences(noted.reasons) == ["Something was put on page 1 after Piotr Nowak signed."]


def test_a_page_changed_between_two_honest_signatures_is_named(scene: Scene) -> None:
    between = forging.changed_page(scene.one)
    verdict = scene.verdict(sign(between, scene.eva, field="NewHolder", at=LATER), original=scene.form)

    assert verdict.codes == {Code.PAGE_CHANGED}
    assert "Page 1 was changed after Piotr Nowak signed." in words.sentences(verdict.reasons)


@pytest.mark.parametrize("hidden", [b"99 0 obj\n(for later)\nendobj\n", b"% for later\n"], ids=["object", "comment"])
def test_what_no_table_names_may_not_hide_between_two_signatures(scene: Scene, hidden: bytes) -> None:
    """The second signer brings it along, so that a later table can name it."""
    along = scene.one + hidden + b"startxref\n%d\n%%%%EOF\n" % forging.last_table(scene.one)
    verdict = scene.verdict(sign(along, scene.eva, field="NewHolder", at=LATER), original=scene.form)

    assert verdict.codes == {Code.LENGTHENED}


def test_nothing_may_follow_the_data_for_later(scene: Scene) -> None:
    extras = Extras(time_stamp=True, validation_data=True)
    signed = sign(scene.form, scene.piotr, field="Holder", at=NOW, extras=extras)

    assert scene.verdict(signed, wanted=[HOLDER]).accepted
    assert scene.verdict(signed + b"\n", wanted=[HOLDER]).codes == {Code.LENGTHENED}
    assert Code.PAGE_CHANGED in scene.verdict(forging.changed_page(signed), wanted=[HOLDER]).codes


def test_a_page_that_was_changed_and_put_back_is_still_refused(scene: Scene) -> None:
    page = forging.page(scene.one)
    content = page["/Contents"]
    there = forging.changed_page(scene.one)
    back = forging.update(there, {content.container_ref.idnum: forging.written(content)})

    assert not scene.verdict(back, wanted=[HOLDER]).accepted


def test_signature_wrapping(scene: Scene) -> None:
    verdict = scene.verdict(forging.wrapped(scene.one), wanted=[HOLDER])

    assert {Code.RANGE_BROKEN, Code.HIDDEN_SIGNATURE} <= verdict.codes


def _in_place(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """The last place of the old bytes, written over without moving anything."""

    def forge(pdf: bytes) -> bytes:
        place = pdf.rindex(old)
        return pdf[:place] + new.ljust(len(old)) + pdf[place + len(old) :]

    return forge


def _array(new: bytes) -> Callable[[bytes], bytes]:
    def forge(pdf: bytes) -> bytes:
        start, end = forging.ranges(pdf).array
        return pdf[:start] + new.ljust(end - start) + pdf[end:]

    return forge


def _contents(new: bytes) -> Callable[[bytes], bytes]:
    def forge(pdf: bytes) -> bytes:
        start, end = forging.ranges(pdf).gap
        return pdf[:start] + new.ljust(end - start) + pdf[end:]

    return forge


UNIVERSAL_FORGERY: dict[str, tuple[Callable[[bytes], bytes], Code]] = {
    "no range": (_in_place(b"/ByteRange", b"/ByteRanje"), Code.DAMAGED_SIGNATURE),
    "range of null": (_array(b"/ByteRange null"), Code.RANGE_BROKEN),
    "empty range": (_array(b"/ByteRange []"), Code.RANGE_BROKEN),
    "range of zeros": (_array(b"/ByteRange [0 0 0 0]"), Code.RANGE_BROKEN),
    "range below zero": (_array(b"/ByteRange [0 -1 9 -1]"), Code.RANGE_BROKEN),
    "range of two": (_array(b"/ByteRange [0 99]"), Code.RANGE_BROKEN),
    "range beyond the file": (_array(b"/ByteRange [0 1 2 999999]"), Code.RANGE_BROKEN),
    "range of names": (_array(b"/ByteRange [/a /b /c /d]"), Code.RANGE_BROKEN),
    "no contents": (_in_place(b"/Contents <", b"/Contentz <"), Code.DAMAGED_SIGNATURE),
    "contents of null": (_contents(b"null"), Code.DAMAGED_SIGNATURE),
    "empty contents": (_contents(b"<>"), Code.EMPTY_SIGNATURE),
    "contents of zeros": (_contents(b"<" + b"00" * 64 + b">"), Code.EMPTY_SIGNATURE),
    "contents of nonsense": (_contents(b"<" + b"41" * 64 + b">"), Code.DAMAGED_SIGNATURE),
    "an unknown kind": (_in_place(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.detacked"), Code.DAMAGED_SIGNATURE),
    "a kind with SHA-1 inside": (_in_place(b"/ETSI.CAdES.detached", b"/adbe.pkcs7.sha1"), Code.WEAK_DIGEST),
}


@pytest.mark.parametrize("how", UNIVERSAL_FORGERY)
def test_universal_forgery(scene: Scene, how: str) -> None:
    forge, code = UNIVERSAL_FORGERY[how]
    verdict = scene.verdict(forge(scene.one), wanted=[HOLDER])

    assert code in verdict.codes
    assert verdict.missing == ("holder",)


def test_something_hidden_behind_the_signature_in_its_own_room(scene: Scene) -> None:
    known = forging.ranges(scene.one)
    hidden = known.contents[:-9] + b"41424344>"
    forged = scene.one[: known.gap[0]] + hidden + scene.one[known.gap[1] :]

    assert Code.DAMAGED_SIGNATURE in scene.verdict(forged, wanted=[HOLDER]).codes


OTHER = b"BT /F1 24 Tf 0 0 Td (1 euro) Tj ET"
OVERLAID = b"/Type/XObject/Subtype/Form/BBox[0 0 300 300]"
SHADOWS: dict[str, tuple[Callable[[bytes], bytes], Code]] = {
    "hide: the cover becomes empty": (
        lambda pdf: forging.update(pdf, {6: forging.stream(b"", OVERLAID)}),
        Code.PAGE_CHANGED,
    ),
    "hide: the cover is freed": (lambda pdf: forging.update(pdf, {}, freed=(6,)), Code.PAGE_CHANGED),
    "hide: the stamp is another": (
        lambda pdf: forging.update(pdf, {7: b"<</Type/Annot/Subtype/Stamp/Rect[10 10 60 60]/Contents(Final)>>"}),
        Code.ANNOTATION_CHANGED,
    ),
    "hide: the layer is switched": (
        lambda pdf: forging.rooted(pdf, OCProperties=b"<</OCGs[10 0 R]/D<</ON[]/OFF[10 0 R]>>>>"),
        Code.LAYERS_CHANGED,
    ),
    "replace: the field's value": (
        lambda pdf: forging.update(
            pdf, {9: b"<</FT/Tx/T(price)/V(1)/Type/Annot/Subtype/Widget/Rect[20 150 90 170]/P 3 0 R>>"}
        ),
        Code.FIELD_CHANGED,
    ),
    "replace: the font": (
        lambda pdf: forging.update(pdf, {11: b"<</Type/Encoding/Differences[49/nine]>>"}),
        Code.PAGE_CHANGED,
    ),
    "hide and replace: another root": (lambda pdf: forging.update(pdf, {}, root=b"12 0 R"), Code.PAGE_CHANGED),
    "hide and replace: another tree": (
        lambda pdf: forging.update(pdf, {1: b"<</Type/Catalog/Pages 13 0 R/AcroForm 8 0 R>>"}),
        Code.PAGE_CHANGED,
    ),
}


@pytest.mark.parametrize("how", SHADOWS)
def test_shadow_attacks(scene: Scene, how: str) -> None:
    forge, code = SHADOWS[how]
    signed = sign(forging.prepared(), scene.piotr, field="Holder", at=NOW)

    assert scene.verdict(signed, wanted=[HOLDER]).accepted
    assert code in scene.verdict(forge(signed), wanted=[HOLDER]).codes
    assert scene.verdict(signed, wanted=[HOLDER], original=scene.form).codes == {Code.NOT_OUR_FORM}


def test_the_picture_of_a_signature_may_not_be_swapped(scene: Scene) -> None:
    form = prepare_fields(scene.form, [Field("Holder", 1, (20, 40, 150, 90))])
    signed = sign(form, scene.piotr, field="Holder", at=NOW)
    field = forging.reader(signed).root["/AcroForm"]["/Fields"][0]
    picture = field["/AP"].raw_get("/N").reference.idnum
    swapped = forging.update(signed, {picture: forging.stream(OTHER, OVERLAID)})
    new = forging.free_number(signed)
    other = forging.with_entries(field, AP=b"<</N %d 0 R>>" % new)
    moved = forging.with_entries(field, Rect=b"[0 0 300 300]")

    assert scene.verdict(signed, wanted=[HOLDER], original=form).accepted
    for forged in (
        swapped,
        forging.update(signed, {field.container_ref.idnum: other, new: forging.stream(OTHER, OVERLAID)}),
        forging.update(signed, {field.container_ref.idnum: moved}),
    ):
        assert not scene.verdict(forged, wanted=[HOLDER], original=form).accepted


def test_the_fonts_of_a_form_may_not_change_with_a_signature(scene: Scene) -> None:
    """They draw the values of its fields."""
    signed = sign(forging.prepared(), scene.piotr, field="Holder", at=NOW)
    form = forging.reader(signed).root["/AcroForm"]
    fonts = forging.with_entries(form, DA=b"(/F2 0 Tf)")
    forged = sign(forging.update(signed, {form.container_ref.idnum: fonts}), scene.eva, field="NewHolder", at=LATER)

    assert Code.FIELD_CHANGED in scene.verdict(forged).codes


def test_a_form_of_another_case_or_other_words_is_not_ours(scene: Scene) -> None:
    other = sign(form("C-2"), scene.piotr, field="Holder", at=NOW)
    before = sign(forging.changed_page(scene.form), scene.piotr, field="Holder", at=NOW)

    assert scene.verdict(other, wanted=[HOLDER], original=scene.form).codes == {Code.NOT_OUR_FORM}
    assert words.sentences(scene.verdict(before, wanted=[HOLDER], original=scene.form).reasons) == [
        "Page 1 is not as it is in our form."
    ]


@pytest.mark.parametrize(
    ("level", "codes"),
    [
        (MDPPerm.FILL_FORMS, {Code.ANNOTATION_ADDED}),
        (MDPPerm.NO_CHANGES, {Code.ANNOTATION_ADDED}),
        (MDPPerm.ANNOTATE, {Code.ANNOTATION_ADDED, Code.CERTIFIED_OPEN}),
    ],
)
def test_an_evil_annotation_on_a_certified_file(scene: Scene, level: MDPPerm, codes: set[Code]) -> None:
    certified = sign(scene.form, scene.piotr, field="Holder", at=NOW, certify=True, docmdp_permissions=level)

    assert scene.verdict(forging.annotated(certified, NOTE), wanted=[HOLDER]).codes == codes
    assert scene.verdict(certified, wanted=[HOLDER]).accepted is (level is not MDPPerm.ANNOTATE)


@pytest.mark.parametrize("who", ["nobody", "the other party"])
def test_a_sneaky_signature_that_covers_words(scene: Scene, who: str) -> None:
    """A certified file may be signed, and a picture of a signature may lie anywhere on the page."""
    certified = sign(
        scene.form, scene.piotr, field="Holder", at=NOW, certify=True, docmdp_permissions=MDPPerm.FILL_FORMS
    )
    signer = scene.anna if who == "nobody" else scene.eva
    place = SigFieldSpec("NewHolder", on_page=0, box=(10, 150, 300, 200))
    verdict = scene.verdict(sign(certified, signer, field="NewHolder", at=LATER, new_field=place))

    assert Code.VISIBLE_SIGNATURE in verdict.codes
    assert (Code.NOT_A_PARTY in verdict.codes) is (who == "nobody")


def test_a_picture_over_our_form_is_refused_even_from_the_first_signer(scene: Scene) -> None:
    place = SigFieldSpec("Holder", on_page=0, box=(10, 150, 300, 200))
    signed = sign(scene.form, scene.piotr, field="Holder", at=NOW, new_field=place)

    assert scene.verdict(signed, wanted=[HOLDER], original=scene.form).codes == {Code.VISIBLE_SIGNATURE}


def test_a_certified_file_may_be_signed_where_it_leaves_room(scene: Scene) -> None:
    certified = sign(scene.form, scene.piotr, field="Holder", at=NOW, certify=True)
    both = sign(certified, scene.eva, field="NewHolder", at=LATER)

    assert scene.verdict(both, original=scene.form).accepted


def test_a_certified_file_that_allows_nothing_may_not_be_signed(scene: Scene) -> None:
    """A tool refuses to sign such a file, so the level is changed and put back."""
    closed = sign(scene.form, scene.piotr, field="Holder", at=NOW, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    opened = sign(closed.replace(b"/P 1\n", b"/P 2\n"), scene.eva, field="NewHolder", at=LATER)
    verdict = scene.verdict(opened.replace(b"/P 2\n", b"/P 1\n"))

    assert verdict.codes == {Code.CERTIFIED_CLOSED, Code.ALTERED}
    assert "Piotr Nowak allowed no further signature, and one was added." in words.sentences(verdict.reasons)


def test_the_signature_of_somebody_else(scene: Scene) -> None:
    verdict = scene.verdict(sign(scene.one, scene.anna, field="NewHolder", at=LATER), original=scene.form)

    assert verdict.codes == {Code.NOT_A_PARTY, Code.MISSING_PARTY}
    assert verdict.signatures[1].party is None
    assert "Anna Nowak signed, and is not a party to this case." in words.sentences(verdict.reasons)


def test_two_signatures_of_the_same_person(scene: Scene) -> None:
    verdict = scene.verdict(sign(scene.one, scene.piotr, field="NewHolder", at=LATER), original=scene.form)

    assert verdict.codes == {Code.SIGNED_TWICE, Code.MISSING_PARTY}


def test_a_third_signature_after_both(scene: Scene) -> None:
    verdict = scene.verdict(sign(scene.two, scene.anna, field="Witness", at=LATER), original=scene.form)

    assert verdict.codes == {Code.NOT_A_PARTY}


def test_a_look_alike_that_signs_its_own_certificate(scene: Scene) -> None:
    own = certify(PIOTR.subject(), valid=(NOW - YEAR, NOW + YEAR), usage=Usage())
    verdict = scene.verdict(sign(scene.form, Signer(own, scene.authority), field="Holder", at=NOW), wanted=[HOLDER])

    assert verdict.codes == {Code.SELF_SIGNED}


def test_a_look_alike_of_our_authority(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every name is right, the root's, the issuer's and the person's; the keys are others."""
    fake = signers.authority(tmp_path_factory.mktemp("fake"), now=NOW)
    signed = sign(scene.form, signers.signer(fake, PIOTR, now=NOW), field="Holder", at=NOW)

    assert scene.verdict(signed, wanted=[HOLDER]).codes == {Code.UNTRUSTED}


def test_a_person_is_no_authority(scene: Scene) -> None:
    """A real certificate of one person signs a certificate for another."""
    under = certify(PIOTR.subject(), valid=(NOW - YEAR, NOW + YEAR), usage=Usage(), by=scene.anna.keyed)
    chained = Signer(under, scene.authority)
    more = TrustList(scene.trust.anchors, (*scene.trust.others, scene.anna.certificate.public_bytes(Encoding.DER)))
    verdict = scene.verdict(sign(scene.form, chained, field="Holder", at=NOW), wanted=[HOLDER], trust=more)

    assert verdict.codes & {Code.UNTRUSTED, Code.REVOCATION_UNKNOWN}


def test_a_revoked_certificate(scene: Scene) -> None:
    """Whatever the file itself brings: an answer from before the theft says that all is well."""
    stolen = scene.other(PIOTR, valid=(NOW - YEAR, NOW + YEAR))
    extras = Extras(validation_data=True)
    signed = sign(scene.form, stolen, field="Holder", at=NOW, extras=extras)
    proven = sign(scene.form, stolen, field="Holder", at=NOW, extras=Extras(time_stamp=True, validation_data=True))

    assert scene.verdict(signed, wanted=[HOLDER]).accepted
    scene.authority.revoke(stolen.certificate, at=NOW + timedelta(minutes=30))
    trust = trust_list.from_folder(scene.authority.trust)

    assert scene.verdict(signed, wanted=[HOLDER], trust=trust).codes == {Code.REVOKED}
    assert scene.verdict(proven, wanted=[HOLDER], trust=trust).accepted  # it was signed before


@pytest.mark.parametrize("digest", ["sha1", "md5"])
def test_a_weak_digest(scene: Scene, digest: str) -> None:
    signer = scene.other(PIOTR, valid=(NOW - YEAR, NOW + YEAR), usage=Usage(rsa=True))
    signed = sign(scene.form, signer, field="Holder", at=NOW, md_algorithm=digest)

    assert Code.WEAK_DIGEST in scene.verdict(signed, wanted=[HOLDER]).codes


def test_an_empty_field_is_no_signature(scene: Scene) -> None:
    assert scene.verdict(scene.form).codes == {Code.NO_SIGNATURE, Code.MISSING_PARTY}
    assert scene.verdict(scene.form).missing == tuple(party.role for party in BOTH)
