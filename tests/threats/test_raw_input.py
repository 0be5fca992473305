"""What no view could read is refused in plain words, or dropped, before a view sees it."""

from __future__ import annotations

import importlib
import json
import pkgutil
import unicodedata
from io import StringIO
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory

import backoffice
from backoffice import raw_input, text
from backoffice.cases.models import Event
from backoffice.staff.models import Role
from backoffice.trust.extracting import LONGEST, extract
from backoffice.wsgi import application
from tests.factories import make_card, make_customer, make_staff, sign_in
from tests.playing import ask, open_card_case
from tests.threats.test_no_card_numbers import lines_run

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
HTML = "text/html; charset=utf-8"
PLACES = ["/check/?code=%00", "/check/?%00=1", "/check%00/", "/desk/?q=%00", "/portal/?next=a%00b", "/static/%00.css"]


@pytest.mark.parametrize("address", PLACES)
def test_nul_in_an_address_is_refused_with_a_page(client: Client, address: str) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer["content-type"]) == (400, HTML)
    assert b"Nothing was changed." in answer.content
    assert b"holds a character that cannot be read" in answer.content
    assert "default-src 'none'" in answer["content-security-policy"]


def test_the_api_refuses_nul_in_an_address_as_json(client: Client) -> None:
    answer = client.get("/api/v1/cases?state=%00")

    assert answer.status_code == 400
    assert answer.json()["code"] == "unreadable_characters"
    assert set(answer.json()) == {"code", "sentence", "field"}


def test_a_page_is_refused_in_a_language_that_is_offered(client: Client) -> None:
    assert 'lang="en"' in client.get("/check/?code=%00", headers={"accept-language": "nl"}).content.decode()


def test_a_header_with_nul_is_refused(client: Client) -> None:
    assert client.get("/check/", headers={"user-agent": "a\0b"}).status_code == 400


CODECS = [
    "zlib",
    "*=utf-8''rot13",
    "rot13",
    "unicode_escape",
    "punycode",
    "idna",
    "utf-16",
    "base64",
    '"utf-8"',
    "utf8",
    "none",
]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("method", "address", "kind", "status"),
    [
        ("GET", "/check/?code=%ED%A0%80%D8%00", FORM, 400),
        ("GET", "/stop/?code=%ED%A0%80", "text/plain", 200),
        ("POST", "/check/", FORM, 303),
        ("POST", "/api/v1/signals/fraud", "application/json", 401),
    ],
)
def test_every_text_is_read_as_utf_8_whatever_its_sender_calls_it(
    method: str, address: str, kind: str, status: int, codec: str
) -> None:
    body = b"code=%C3%BC%FF"
    path, _question, query = address.partition("?")
    environ = RequestFactory().generic(method, path, body, kind, QUERY_STRING=query).environ
    environ["CONTENT_TYPE"] = f"{kind}; charset{codec if '=' in codec else f'={codec}'}; x=1"
    environ["HTTP_HOST"] = "localhost"
    told: list[str] = []

    b"".join(application(environ, lambda line, _headers: told.append(line)))

    assert [int(line[:3]) for line in told] == [status]


def test_half_a_surrogate_pair_in_an_address_is_read_as_an_unknown_character(client: Client) -> None:
    assert client.get("/check/?code=%ED%A0%80").status_code == 200
    assert client.get("/portal/cases/%ED%A0%80/").status_code == 302


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "messages", "anything"])
def test_a_cookie_with_nul_is_dropped_and_locks_nobody_out(client: Client, name: str) -> None:
    answer = client.get("/check/", headers={"cookie": rf'{name}="a\000b"'})

    assert answer.status_code == 200


def test_nul_in_a_field_of_a_form_is_dropped_and_the_rest_is_taken() -> None:
    case = open_card_case(make_card())
    client = sign_in(Client(), make_staff(role=Role.SUPPORT))

    answer = client.post(f"/desk/case/{case.reference}/freeze/", {"reason": "He\0ard a \0doubt"})

    assert answer.status_code == 302
    assert Event.objects.get(kind="case.frozen").reason == "Heard a doubt"


def test_an_id_of_a_request_that_is_none_does_not_reach_the_timeline() -> None:
    case = open_card_case(make_card())
    client = sign_in(Client(), make_staff(role=Role.SUPPORT))
    address = f"/desk/case/{case.reference}/freeze/"

    client.post(address, {"reason": "I doubt it"}, headers={"x-request-id": "Maria Jansen " * 20})

    assert "Maria" not in Event.objects.get(kind="case.frozen").request_id


@pytest.mark.parametrize("face", [face for face in settings.LARGEST_CONTENT if face not in raw_input.MACHINES])
def test_each_face_takes_so_much_and_no_more(client: Client, face: str) -> None:
    most = min(raw_input.largest(face), raw_input.LARGEST_FORM)

    fits = client.post(face, b"a=" + b"1" * (most - 2), content_type=FORM)
    more = client.post(face, b"a=" + b"1" * (most - 1), content_type=FORM)

    assert fits.status_code != 413
    assert b"This is too much to send at once" not in fits.content
    assert more.status_code == 413
    assert b"This is too much to send at once" in more.content


def test_an_upload_counts_as_content_too(client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {"code": "K7Q-4MX-2", "photo": SimpleUploadedFile("\u202egpj.exe", b"1" * 9_000)}

    assert client.post("/stop/", sent).status_code == 413


def test_the_api_says_in_json_that_a_content_is_too_large(client: Client) -> None:
    answer = client.post("/api/v1/cases", b"[" + b" " * 300_000 + b"]", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_long_address_is_refused_in_words(client: Client) -> None:
    answer = client.get("/check/?code=" + "1" * raw_input.LONGEST_ADDRESS)

    assert answer.status_code == 414
    assert b"This address is too long" in answer.content


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=x"])
def test_a_form_with_too_many_fields_is_refused_in_words(client: Client, content_type: str) -> None:
    names = [f"f{number}" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)]
    body = "&".join(f"{name}=1" for name in names)
    if content_type != FORM:
        parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n' for name in names]
        body = "".join([*parts, "--x--\r\n"])

    answer = client.post("/portal/", body, content_type=content_type)

    assert answer.status_code == 400
    assert b"It has more fields than any of our pages" in answer.content


def test_a_broken_form_is_refused_in_words(client: Client) -> None:
    answer = client.post("/check/", b"--x", content_type="multipart/form-data; boundary=" + "\xe9" * 9)

    assert answer.status_code == 400
    assert b"We could not understand this request" in answer.content


@pytest.mark.parametrize(
    "wanted", ["nothing", "portal:case", "//evil.example", "http:///evil.example", "\t/desk/", "?"]
)
def test_a_way_back_that_is_no_address_breaks_nothing(wanted: str) -> None:
    client = sign_in(Client(raise_request_exception=False), make_staff(role=Role.SUPPORT))
    customer = make_customer()

    answer = client.post(f"/desk/customer/{customer.public_id}/why/", {"why": "contact"}, query_params={"next": wanted})

    assert answer.status_code == 302
    assert "evil" not in answer["location"]


def credential(**response: str) -> str:
    return json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response})


CREDENTIALS = [
    "9",
    "null",
    '"a"',
    "[]",
    "{}",
    "nothing",
    "[" * 15_000,
    '{"id": 1}',
    '{"id": "a", "rawId": "a", "type": "public-key", "response": []}',
    credential(clientDataJSON="YQ", attestationObject="YQ"),
    credential(clientDataJSON="e30", attestationObject="oA", authenticatorData="YQ", signature="YQ"),
]


@pytest.mark.parametrize("told", CREDENTIALS)
@pytest.mark.parametrize("address", ["/account/2fa/webauthn/add/", "/account/2fa/webauthn/reauthenticate/"])
def test_what_is_no_passkey_breaks_no_page_of_the_account(address: str, told: str) -> None:
    client = sign_in(Client(raise_request_exception=False), make_staff(role=Role.SUPPORT))
    client.get(address)

    assert client.post(address, {"name": "mine", "credential": told}).status_code < 500


@pytest.mark.parametrize("told", CREDENTIALS)
def test_what_is_no_passkey_confirms_no_step(told: str) -> None:
    card = make_card()
    item = ask(open_card_case(card), "prove_identity")
    assert card.customer.user is not None
    client = sign_in(Client(raise_request_exception=False), card.customer.user)

    assert client.post(f"/portal/items/{item.id}/confirm/", {"credential": told}).status_code == 400


# Records -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "username__regex=(",
        "username__iregex=(a%2B)%2B%24",
        "password__startswith=p",
        "last_login__year=99999999999999999999",
        "is_staff__exact__foo=1",
        "date_joined__gte=nonsense",
        "nothing=1",
    ],
)
def test_a_list_of_records_is_narrowed_by_its_own_filters_only(query: str) -> None:
    client = sign_in(Client(raise_request_exception=False), make_staff(role=Role.ADMINISTRATOR))

    assert client.get(f"/desk/staff/user/?{query}").status_code == 400


@pytest.mark.parametrize("query", ["is_staff__exact=1", "groups__id__exact=1", "is_active__exact=0", "q=Hanna", "o=1"])
def test_the_filters_of_a_list_work(query: str) -> None:
    client = sign_in(Client(), make_staff(role=Role.ADMINISTRATOR))

    assert client.get(f"/desk/staff/user/?{query}").status_code == 200


@pytest.mark.parametrize("value", ["9" * 30, "abc", "-1", "1" * 3000, "\u0664", "1e9", ""])
def test_a_filter_with_a_value_that_is_none_leads_back_to_the_list(value: str) -> None:
    client = sign_in(Client(raise_request_exception=False), make_staff(role=Role.ADMINISTRATOR))

    for name in ("groups__id__exact", "is_staff__exact", "is_staff__isnull", "p", "o", "e", "_to_field", "_popup"):
        assert client.get("/desk/staff/user/", {name: value}).status_code < 500


# Commands ----------------------------------------------------------------------------------------------------------


def open_by_command(**changed: str) -> str:
    said = {"card": str(make_card().public_id), "reason": "lost", "key": "k", "by": "hanna", **changed}
    out = StringIO()
    call_command("case", "open", "card_reissue", *(f"--{name}={value}" for name, value in said.items()), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"key": "1" * 300}, "key: Use a shorter key"),
        ({"key": "1" * 5_000}, "--key: at most 1000 characters"),
        ({"key": "a\udc80"}, "--key: this holds a character that cannot be read"),
        ({"by": "a\0"}, "--by: this holds a character that cannot be read"),
        ({"card": "\udc80"}, "--card: this holds a character that cannot be read"),
        ({"set": "card=\udc80"}, "--set: this holds a character that cannot be read"),
        ({"customer": "\u0301" * 900 + "@"}, "There is no such customer"),
    ],
)
def test_an_option_that_cannot_be_read_is_told_in_words(changed: dict[str, str], sentence: str) -> None:
    make_staff(username="hanna")

    with pytest.raises(CommandError, match=sentence):
        open_by_command(**changed)


@pytest.mark.parametrize("command", [["api_token", "\udc80"], ["verify_timeline", "--case=\udc80"]])
def test_every_command_refuses_what_cannot_be_read(command: list[str]) -> None:
    with pytest.raises(CommandError, match="this holds a character that cannot be read"):
        call_command(*command)


def test_a_reason_that_the_timeline_would_cut_is_refused() -> None:
    case = open_card_case(make_card())
    make_staff(username="hanna")

    with pytest.raises(CommandError, match="--reason: at most 300 characters"):
        call_command("case", "withdraw", case.reference, "--by", "hanna", "--reason", "x" * 301)


# Bounds ------------------------------------------------------------------------------------------------------------


def all_forms() -> list[type[forms.BaseForm]]:
    for found in pkgutil.walk_packages(backoffice.__path__, "backoffice."):
        if found.name.endswith(("forms", "opening", "shapes", "reasons")) or ".views" in found.name:
            importlib.import_module(found.name)
    waiting, found_ones = [forms.BaseForm], []
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        found_ones += [one for one in below if one.__module__.startswith("backoffice.")]
    return found_ones


def test_every_field_into_which_people_type_is_bounded() -> None:
    unbounded = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in all_forms()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.CharField)
        and not isinstance(field, forms.JSONField | forms.UUIDField)
        and not isinstance(field.widget, forms.PasswordInput)
        and field.max_length is None
    ]  # Django's own fields for a password, which is hashed and never kept, are bounded by the face.

    assert len(all_forms()) > 20
    assert unbounded == []


def test_only_the_account_s_own_forms_are_bounded_by_their_face_alone() -> None:
    """Passwords and passkeys are fields of the account library, which bounds none of them."""
    assert raw_input.largest("/account/login/") <= 32 * 1024


# Linear ------------------------------------------------------------------------------------------------------------

LONG = {
    "marks": "a\u0301\u0316",
    "only marks": "\u0301\u0316",
    "digits": "1 ",
    "slashes": "1/",
    "mail": "a@a.",
    "links": "www.a",
    "labels": "a.",
    "quotes": "> ",
    "header": "from ",
    "blanks": "  ",
    "nothing to see": "\u200b",
    "references": "K7Q-4MX-2 ",
    "brackets": "([{",
}
READ = {
    "kept": text.kept,
    "kept in lines": text.kept_lines,
    "folded": text.folded,
    "words": text.words_of,
    "extracted": lambda typed: [
        getattr(extract(typed), name) for name in ("references", "mails", "phones", "hosts", "words")
    ],
}


@pytest.mark.parametrize("part", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("read", READ.values(), ids=READ.keys())
def test_reading_twice_the_text_is_twice_the_work(read: Any, part: str) -> None:
    short, long = (part * LONGEST)[:2_000], (part * LONGEST)[:4_000]

    assert lines_run(lambda: read(long)) <= 2.5 * lines_run(lambda: read(short)) + 500


def test_a_row_of_marks_is_read_as_far_as_any_writing_needs() -> None:
    assert text.normalised("a" + "\u0301\u0316" * 9, "NFC") == unicodedata.normalize("NFC", "a" + "\u0301\u0316" * 9)
    assert len(text.normalised("a" + "\u0301" * 500 + "b", "NFD")) == 32
    assert text.normalised("cafe\u0301 \u1112\u1161\u11ab", "NFC") == "café 한"
