"""No form stores a text as a telephone or a mail program happens to send it."""

from __future__ import annotations

import pytest
from django import forms

from backoffice.text_fields import KeptTexts


class Form(KeptTexts, forms.Form):
    name = forms.CharField(max_length=10)
    story = forms.CharField(required=False, widget=forms.Textarea)
    code = forms.RegexField(regex=r"^[a-z]{2}$", required=False)
    password = forms.CharField(required=False, strip=False, widget=forms.PasswordInput)


def sent(**data: str) -> Form:
    return Form({"name": "x", **data})


def test_a_line_and_an_area_are_kept_as_they_are_stored() -> None:
    form = sent(name=" Zo\u0301lc\u200b \t Ne ", story="\u202eone\u202c \r\n\r\n\r\n\r\n two\x00")

    assert form.is_valid()
    assert form.cleaned_data["name"] == "Zólc Ne"
    assert form.cleaned_data["story"] == "one\n\ntwo"


@pytest.mark.parametrize("typed", ["", " ", "\u200b", "\u3164", "\u2800\u00ad", "\u202e\u2066", "\u0301"])
def test_a_required_text_of_which_nothing_can_be_seen_is_missing(typed: str) -> None:
    assert sent(name=typed).errors["name"] == ["This field is required."]


def test_an_optional_text_of_which_nothing_can_be_seen_is_empty() -> None:
    form = sent(story="\u200b\u3164")

    assert form.is_valid()
    assert form.cleaned_data["story"] == ""


def test_the_length_and_the_form_are_checked_of_what_is_stored() -> None:
    form = sent(name="0123456789\u200b\u200b", code="\u200bab")

    assert form.is_valid()
    assert form.cleaned_data["code"] == "ab"
    assert "name" in sent(name="01234567890").errors


def test_a_password_stays_as_it_was_typed() -> None:
    form = sent(password=" a\u0301\u200b ")

    assert form.is_valid()
    assert form.cleaned_data["password"] == " a\u0301\u200b "


def test_a_field_that_is_added_later_is_kept_too() -> None:
    form = sent(more="\u200bab ")
    form.fields["more"] = forms.CharField()

    assert form.is_valid()
    assert form.cleaned_data["more"] == "ab"
