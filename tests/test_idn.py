"""One standard for domain names: IDNA 2008 after UTS 46, non-transitional."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice import idn


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("example.org", "example.org"),
        ("Example.ORG.", "example.org"),
        ("straße.example", "xn--strae-oqa.example"),
        ("STRASSE.example", "strasse.example"),
        ("XN--Strae-OQA.example", "xn--strae-oqa.example"),
        ("mu\u0308nchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN\u3002example", "xn--mnchen-3ya.example"),
        ("ｂücher.example", "xn--bcher-kva.example"),
        ("stra\u200bße.example", "xn--strae-oqa.example"),
        ("\u202ebücher.example\u202c", "xn--bcher-kva.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_a_name_has_one_form_in_ascii_however_it_is_typed(typed: str, name: str) -> None:
    assert idn.to_ascii(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "", "example", "a..example", "ex ample.org", "a_b.example", "-a.example", "192.0.2.7", "１.２", "☕.example",
        "xn--zzzz--.example", f"{'a' * 64}.example", f"{'a.' * 130}example", "maria@example.org", "\u200b.\u200b",
    ],
)  # fmt: skip
def test_what_is_no_name_has_none(typed: str) -> None:
    assert idn.to_ascii(typed) is None


def test_a_label_of_an_older_standard_is_shown_as_the_registry_has_it() -> None:
    assert idn.to_unicode("xn--53h.bücher.xn--bcher-kva.example") == "xn--53h.bücher.bücher.example"


@given(st.text(alphabet="aß\u00fcu\u0308S.-xn7\u200d\u0131İſ\u00adςσ中", max_size=30))
def test_both_forms_are_the_same_name(typed: str) -> None:
    name = idn.to_ascii(typed)
    if name is not None:
        assert idn.to_ascii(name) == name
        assert idn.to_ascii(idn.to_unicode(name)) == name
