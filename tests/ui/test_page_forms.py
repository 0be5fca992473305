"""The forms of a finished page: marked, filled with what was typed, and freed of secrets."""

from __future__ import annotations

import pytest

from backoffice.ui import page_forms

CSRF = '<input type="hidden" name="csrfmiddlewaretoken" value="abc">'
FORM = f"""<main class="x"><form method="post" action="/other/">{CSRF}<input name="reason" value=""></form>
<form method="post">{CSRF}<input type="hidden" name="item" value="7"><input type="hidden" name="seen" value="3">
<input type="text" name="name" value="old" required><input name="plain"><textarea name="reason" rows="3">
</textarea><input type="radio" name="way" value="a" checked><input type="radio" name="way" value="b">
<input type="checkbox" name="sure"><select name="to"><option value="1" selected>One</option><option value="2">Two
</option></select><input type="password" name="word" value="x"><input type="file" name="scan"></form></main>"""


def filled(values: dict[str, list[str]], html: str = FORM) -> tuple[str, frozenset[str]]:
    return page_forms.filled(html, page="/page/", action="/page/", values=values)


def test_a_value_stands_in_its_field_again() -> None:
    html, left = filled({"name": ["Ada"], "plain": ["p"], "reason": ["Two\nlines"]})

    assert 'name="name" value="Ada"' not in FORM
    assert '<input type="text" name="name" required="" value="Ada">' in html
    assert '<input name="plain" value="p">' in html
    assert '<textarea name="reason" rows="3">\nTwo\nlines</textarea>' in html
    assert left == frozenset()


def test_only_the_form_that_was_sent_there_is_filled() -> None:
    html, _left = filled({"reason": ["mine"]})

    assert '<form method="post" action="/other/">' + CSRF + '<input name="reason" value="">' in html


def test_choices_are_made_again_and_the_others_unmade() -> None:
    html, _left = filled({"way": ["b"], "sure": ["on"], "to": ["2"]})

    assert '<input type="radio" name="way" value="a">' in html
    assert '<input type="radio" name="way" value="b" checked>' in html
    assert '<input type="checkbox" name="sure" checked>' in html
    assert '<option value="1">One' in html
    assert '<option value="2" selected>Two' in html


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "</textarea><b>", "&amp; ' \u2028 \x0b", "{{ x }}"])
def test_hostile_text_stays_text(text: str) -> None:
    html, _left = filled({"name": [text], "reason": [text]})

    assert "<script>" not in html
    assert "<b>" not in html
    assert html.count("<textarea") == html.count("</textarea>") == 1
    assert html.endswith("</main>")


def test_hidden_and_secret_fields_and_files_stay_as_the_page_has_them() -> None:
    html, left = filled({"seen": ["99"], "word": ["secret"], "scan": ["x.pdf"]})

    assert html == FORM
    assert left == frozenset()


def test_what_was_typed_for_another_step_has_no_place() -> None:
    html, left = filled({"item": ["8"], "reason": ["of another step"]})

    assert html == FORM
    assert "reason" in left


def test_what_has_no_place_is_told() -> None:
    assert filled({"gone": ["x"]})[1] == {"gone"}
    assert filled({"name": ["x"]}, "<main>closed</main>") == ("<main>closed</main>", frozenset({"name"}))


def test_places_are_right_whatever_ends_a_line() -> None:
    html, _left = filled({"name": ["Ada"]}, "\u2028\x0b\r\n\x85<p>\n" + FORM)

    assert '<input type="text" name="name" required="" value="Ada">' in html


def test_each_form_that_is_sent_by_post_carries_the_mark() -> None:
    html = page_forms.marked(FORM, lambda: 'a"b')

    assert html.count('name="_page" value="a&quot;b"') == 2
    assert page_forms.marked("<form>", lambda: pytest.fail("there is no form")) == "<form>"


@pytest.mark.parametrize(
    "secret", ['type="password"', 'autocomplete="one-time-code"', 'autocomplete="cc-csc"', "data-not-kept"]
)
def test_the_value_of_a_secret_is_taken_out_of_a_page(secret: str) -> None:
    html = f'<input name="half" value="123456" {secret}><input name="name" value="Ada">'

    assert page_forms.secret_names(html) == ["half"]
    assert page_forms.without_secrets(html) == f'<input name="half" {secret}><input name="name" value="Ada">'
