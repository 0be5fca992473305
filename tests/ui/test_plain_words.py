"""Every sentence that the house can say, wherever it stands: in a template, in code, in a process's declaration. For
everybody, in words of everybody, and with nothing in it that nobody fills in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from backoffice.cases import catalogue, sentences
from backoffice.messages.catalogue import all_kinds
from tests.reading import GENDERED

ROOT = Path(settings.BASE_DIR)
ROOMS = ("backoffice", "workflows", "tests")
SAYS = {"_", "_t", "gettext", "gettext_lazy", "ngettext", "N_"}
CHARACTERS = re.compile(r"\b(figures?|last (four|4) signs|signs? of (its|the) number)\b", re.IGNORECASE)
OF_STAFF = re.compile(
    r"\b(work ?items?|workflow|escalat\w+|incidents?|supervisors?|payload|dead letters?|froze|frozen|freeze|unfreeze"
    r"|half [AB]|the engine|outcome|worklist|claim(ed)?|command)\b",
    re.IGNORECASE,
)
"""Words that staff knows, and a customer does not."""
FILLED_IN = {"stage", "party", "outcome", "why", "about", "channels", "title", "reference"}
"""What `words.of_event` puts into a sentence itself, or every event of the kind has."""
IN_EVERY_MESSAGE = {
    "case_reference",
    "check_code",
    "check_page",
    "company",
    "frame",
    "join_page",
    "language",
    "phone",
    "phrase",
    "stop_page",
    "window",
    "until",
}


def in_code() -> Iterator[tuple[str, str]]:
    """Each sentence of the code, and where it stands."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYS:
                    for told in node.args:
                        if isinstance(told, ast.Constant) and isinstance(told.value, str):
                            yield f"{path.relative_to(ROOT)}:{node.lineno}", told.value


def in_templates(*folders: str) -> Iterator[tuple[str, str]]:
    """The words of each template, without tags, comments and marks."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.*"))]
    for path in found:
        if path.suffix in (".html", ".txt"):
            text = re.sub(r"(?s){% comment.*?endcomment %}|{#.*?#}", " ", path.read_text())
            said = re.findall(r"(?s)blocktranslate.*?%}(.*?){% endblocktranslate|translate \"(.*?)\"", text)
            for one in (" ".join(part for part in pair if part) for pair in said):
                yield str(path.relative_to(ROOT)), " ".join(one.split())


@cache
def everything() -> list[tuple[str, str]]:
    """Read when a test asks, not by each process that collects tests: to parse all code takes five seconds of CPU."""
    return [*in_code(), *in_templates("templates", "tests")]


FOR_CUSTOMERS = (
    "templates/portal",
    "templates/public",
    "templates/messages",
    "templates/home_visit/portal",
    "templates/phone_authorisation/portal",
)


def test_everything_that_is_said_is_read_here() -> None:
    assert len(everything()) > 1500
    assert {where.partition("/")[0] for where, _said in everything()} == {
        "backoffice",
        "workflows",
        "templates",
        "tests",
    }


def test_no_sentence_takes_a_person_for_a_man_or_a_woman() -> None:
    assert [(where, said) for where, said in everything() if GENDERED.search(said)] == []


def test_characters_and_digits_are_called_so() -> None:
    assert [(where, said) for where, said in everything() if CHARACTERS.search(said)] == []


def test_no_label_says_that_it_is_optional_because_every_page_says_so() -> None:
    assert [(where, said) for where, said in everything() if "(optional)" in said.lower()] == []


def test_customers_read_no_words_of_staff() -> None:
    said = [*in_templates(*FOR_CUSTOMERS)]
    for process in catalogue.all_processes():
        spec = process.spec
        said += [(spec.name, spec.customer_title), (spec.name, spec.stopping)]
        said += [(spec.name, stage.customer) for stage in spec.stages]
        said += [(f"{spec.name}.{kind.name}", kind.customer_title) for kind in spec.kinds]
    said += [(kind, str(one.customer)) for kind, one in sentences.all_kinds().items() if one.customer]
    said += [(code, f"{kind.notice.about} {kind.notice.asks}") for code, kind in all_kinds().items()]

    assert len(said) > 300
    assert [(where, words) for where, words in said if OF_STAFF.search(words)] == []


@pytest.mark.parametrize("kind", sorted(sentences.all_kinds()))
def test_each_hole_of_a_sentence_is_filled_by_those_who_note_the_event(kind: str) -> None:
    one = sentences.all_kinds()[kind]
    holes = set(re.findall(r"%\((\w+)\)s", f"{one.staff} {one.customer or ''}")) - FILLED_IN
    noting = [path.read_text() for path in (ROOT / "backoffice").rglob("*.py") if "sentences.py" not in path.name]
    named = [text for text in noting if f'"{kind}"' in text or f'f"{kind.partition(".")[0]}.{{' in text]

    assert [hole for hole in holes if not any(f'"{hole}"' in text for text in named)] == []


@pytest.mark.parametrize("code", sorted(all_kinds()))
def test_a_message_asks_for_nothing_that_nobody_tells_it(code: str) -> None:
    kind = all_kinds()[code]
    path = ROOT / "templates" / "messages" / kind.path
    text = path.read_text()
    own = set(re.findall(r"asvar (\w+)|\bas (\w+) %}", text))
    asked = set(re.findall(r"{{ (\w+)|{% (?:el)?if (?:not )?(\w+)|\b(?:and|or) (\w+) ", _without_words(text)))

    names = {name for found in asked for name in found if name} - {name for found in own for name in found if name}
    assert names - IN_EVERY_MESSAGE - kind.shows == set()


def _without_words(text: str) -> str:
    """Only the marks of a template: what it asks for."""
    return " ".join(re.sub(r'".*?"', "", mark) for mark in re.findall(r"{{.*?}}|{%.*?%}", text))


def test_who_is_asked_to_call_finds_the_number_in_the_same_message() -> None:
    for where, said in in_templates("templates/messages"):
        called = re.findall(r"call us", said, re.IGNORECASE)
        assert len(called) == len(re.findall(r"call us (?:at once )?on {{ phone }}", said, re.IGNORECASE)), (
            where,
            said,
        )
