from __future__ import annotations

import itertools
import re
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

from backoffice import never_told
from backoffice.customers.models import Customer
from backoffice.messages import composing
from backoffice.messages.catalogue import all_kinds, known
from backoffice.sealed import seal

CUSTOMER = Customer(
    given_name="Wilhelmina",
    family_name="Vermeulen",
    language="en",
    time_zone="Europe/Amsterdam",
    phrase="blue <kettle> & 7",
)
OPTIONAL = {
    "last_four": "4242",
    "until": "2026-11-26T16:00:00+00:00",
    "window_start": "2026-11-26T13:00:00+00:00",
    "window_end": "2026-11-26T15:30:00+00:00",
}
REASONS = ["", "lost", "stolen", "fraud", "damaged", "expiring", "not_activated"]
CODE = "4F7-K2M-9QX-3TR-6Y"
CONTEXTS = [
    {key: value for key, value in OPTIONAL.items() if key in chosen} | {"reason": reason}
    for reason in REASONS
    for chosen in (set(), set(OPTIONAL), {"last_four"}, {"until"}, {"window_start", "window_end"})
]


def mail(template: str, context: dict[str, str]) -> composing.Words:
    return _mail(template, tuple(context.items()))


def sms(template: str, context: dict[str, str]) -> str:
    return _sms(template, tuple(context.items()))


@lru_cache(maxsize=2 * len(CONTEXTS))
def _mail(template: str, told: tuple[tuple[str, str], ...]) -> composing.Words:
    """Many tests read one mail, one after another."""
    return composing.mail(template, customer=CUSTOMER, case_reference="K7Q-4MX-2", check_code=CODE, context=dict(told))


@lru_cache(maxsize=2 * len(CONTEXTS))
def _sms(template: str, told: tuple[tuple[str, str], ...]) -> str:
    words = composing.sms(template, customer=CUSTOMER, case_reference="K7Q-4MX-2", check_code=CODE, context=dict(told))
    return words.text


class TextOf(HTMLParser):
    """The words of an HTML mail, without its head."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html.partition("<body>")[2])

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}


@pytest.fixture(scope="module", params=sorted(all_kinds()))
def template(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_template_has_a_purpose_and_every_purpose_a_template() -> None:
    folder = Path(settings.BASE_DIR) / "templates" / "messages"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.txt")}

    assert {name for name in files if not name.startswith("frame_")} == {kind.path for kind in all_kinds().values()}


def test_text_and_html_say_the_same(template: str) -> None:
    for context in CONTEXTS:
        words = mail(template, context)
        assert TextOf(words.html).words == words.text.split()


def test_the_first_line_is_the_phrase_and_all_that_a_reader_needs_is_there(template: str) -> None:
    for context in CONTEXTS:
        text = mail(template, context).text
        first = "We show no phrase here" if known(template).notice.proves_address else "Your phrase: blue <kettle> & 7"
        assert text.startswith(first)
        for needed in ("K7Q-4MX-2", CODE, "Sign in as you always do", "Never tell anybody", settings.COMPANY_PHONE):
            assert needed in text


def test_no_mail_says_that_a_security_code_is_never_asked_for_while_a_voice_has_it_keyed_in(template: str) -> None:
    for context in CONTEXTS:
        assert never_told.in_words() in mail(template, context).text
        assert not re.search(r"never ask[^.]*\b(CVC|security code)", mail(template, context).text)


def test_a_time_is_told_by_the_customers_own_clock() -> None:
    assert "You have until Thursday 26 November, 17:00 your time." in mail("survey_reminder", OPTIONAL).text
    assert "Thursday 26 November, between 14:00 and 16:30 your time" in mail("visit_confirmed", OPTIONAL).text


def test_a_subject_is_short_and_names_the_case_only(template: str) -> None:
    for context in CONTEXTS:
        subject = mail(template, context).subject
        assert subject.endswith(" [K7Q-4MX-2]")
        assert len(subject) <= 78
        assert not re.search(r"\d", subject.removesuffix("[K7Q-4MX-2]"))


def test_a_mail_holds_no_link_no_picture_no_form_and_no_style(template: str) -> None:
    for context in CONTEXTS:
        words = mail(template, context)
        html = TextOf(words.html)
        assert html.tags <= {"p", "strong", "h2", "br"}
        assert html.attributes == set()
        assert not re.search(r"(?i)https?:|www\.|\?\w+=", words.text + words.html)


def test_a_mail_and_an_sms_hold_no_personal_data(template: str) -> None:
    for context in CONTEXTS:
        for text in (mail(template, context).text, sms(template, context)):
            for personal in (CUSTOMER.given_name, CUSTOMER.family_name, "@", "EUR"):
                assert personal not in text
            assert not re.search(r"\d{5,}", text.replace(composing.check_page(), ""))


def test_no_message_has_a_hole_or_a_left_over_of_its_template(template: str) -> None:
    for context in CONTEXTS:
        for text in (mail(template, context).text, sms(template, context), mail(template, context).html):
            assert not re.search(r"(?m)^# |\{[{%]|None|  [a-z]| [.,]|\bby\.|until\.", text), text


def test_plain_words_without_alarm(template: str) -> None:
    text = (mail(template, OPTIONAL).text + sms(template, OPTIONAL)).lower()

    for word in ("!", "oops", "please note", "click", "urgent", "immediately"):
        assert word not in text


def test_an_sms_starts_with_the_phrase_and_fits_into_two(template: str) -> None:
    text = sms(template, OPTIONAL)

    assert text.startswith("blue <kettle> & 7. ") is not known(template).notice.proves_address
    assert CODE in text
    assert "4242" not in text
    assert len(text) <= 306


def test_only_a_letter_shows_a_code() -> None:
    context = {"code": seal("7KQ4-MX2R")}
    letter = composing.letter(
        "post_code", customer=CUSTOMER, case_reference="K7Q-4MX-2", check_code=CODE, context=context
    )

    assert "Your code: 7KQ4-MX2R" in letter.text
    assert "7KQ4" not in mail("post_code", context).text
    assert "7KQ4" not in sms("post_code", context)


def test_the_words_fit_the_reason() -> None:
    said = {reason: mail("card_blocked", {"reason": reason, "last_four": "4242"}) for reason in REASONS}

    assert said["fraud"].subject.startswith("We blocked a card")
    assert "is lost" in said["lost"].text
    assert "was stolen" in said["stolen"].text
    for one, other in itertools.pairwise(("lost", "stolen", "fraud")):
        assert said[one].text != said[other].text
