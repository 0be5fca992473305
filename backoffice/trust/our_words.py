"""Every sentence that our messages can hold, in every language, read from their templates.

A text is compared with them where we do not know which message it is, or to find what somebody else wrote. Sentences
are runs of words, see `extracting.run_of`; a value that a message shows, such as a date, parts a sentence in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.base import TextNode
from django.template.engine import Engine
from django.template.loader_tags import BlockNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation

from backoffice import never_told
from backoffice.messages.catalogue import all_kinds
from backoffice.messages.composing import check_page, stop_page
from backoffice.trust.extracting import run_of

FRAMES = ("frame_mail.txt", "frame_sms.txt")
FORMER = (
    "What we never ask",
    "We never ask for your password, your PIN, the CVC of a card, or a code that you got for something else.",
    "Not by mail, not by text message, not on the telephone, not at your door.",
)
"""What frames said before: it is on mails that were sent then, which are no less ours for it."""
FEWEST_WORDS = 3
"""A shorter piece of a sentence is in many texts."""
FEWEST_ALIKE = 8
"""A text is like a message of ours when it has at least this many words of sentences that only this message has."""

HARDLY_LESS = 0.8
FEWEST_LETTERS = 4
"""Of a subject that is looked for by its words."""


@dataclass(frozen=True)
class KindWords:
    """The sentences of one kind of message in one language; those of the frame are not among them."""

    code: str
    subjects: frozenset[str]
    sentences: frozenset[str]


@lru_cache(maxsize=1)
def of_all_kinds() -> tuple[KindWords, ...]:
    """The words of each kind of message, in each language."""
    return tuple(
        _words_of(code, kind.path, language) for language in _languages() for code, kind in all_kinds().items()
    )


@lru_cache(maxsize=1)
def all_sentences() -> frozenset[str]:
    """Whatever we write to anybody."""
    frames = (_sentences(_nodes(frame), language) for frame in FRAMES for language in _languages())
    shared = (_pieces(text) for language in _languages() for text in (*FORMER, _never_told(language)))
    kinds = (words.sentences | words.subjects for words in of_all_kinds())
    return frozenset().union(*frames, *shared, *kinds)


def own_sentences(code: str) -> frozenset[str]:
    """The sentences of one kind of message, in all languages. `code` is as in the contact register."""
    return frozenset().union(*(words.sentences for words in of_all_kinds() if words.code == code))


def kinds_like(run: str) -> list[str]:
    """The codes of the messages whose own sentences are in a text: the most like, and those that are hardly less."""
    found: dict[str, int] = {}
    for words in of_all_kinds():
        found[words.code] = max(found.get(words.code, 0), count(s for s in words.sentences if s in run))
    most = max(found.values(), default=0)
    return sorted(code for code, words in found.items() if words >= FEWEST_ALIKE and words >= most * HARDLY_LESS)


def kinds_with_subject(run: str) -> list[str]:
    """The codes of the messages whose subject has all these words in a row, or is in them."""
    words = " ".join(run.replace("|", " ").split())
    if len(words) < FEWEST_LETTERS:
        return []
    subjects = ((" ".join(subject.split()), kind.code) for kind in of_all_kinds() for subject in kind.subjects)
    return list(dict.fromkeys(code for subject, code in subjects if words in subject or subject in words))


def written_by_others(run: str, *, known: Iterable[str] = ()) -> str:
    """What remains of a run without `known` and without whatever we write to anybody."""
    constants = map(run_of, (settings.COMPANY_NAME, settings.COMPANY_PHONE, check_page(), stop_page()))
    for sentence in _longest_first({*known, *constants, *all_sentences()} - {""}):
        run = run.replace(sentence, "|")
    return run


def count(runs: Iterable[str]) -> int:
    """How many words they have together."""
    return sum(len(run.replace("|", " ").split()) for run in runs)


def _longest_first(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(sentences, key=lambda sentence: (-len(sentence), sentence)))


def _languages() -> list[str]:
    return [language for language, _name in settings.LANGUAGES]


def _words_of(code: str, path: str, language: str) -> KindWords:
    nodes = _nodes(path)
    subject = [node for block in _of(nodes, BlockNode) if block.name == "subject" for node in [block.nodelist]]
    return KindWords(code, _sentences(subject, language, fewest=1), _sentences(nodes, language))


def _nodes(path: str) -> list[Any]:
    return [Engine.get_default().get_template(f"messages/{path}").nodelist]


def _of(nodes: Iterable[Any], kind: type) -> Iterator[Any]:
    return (found for node in nodes for found in node.get_nodes_by_type(kind))


def _sentences(nodes: list[Any], language: str, *, fewest: int = FEWEST_WORDS) -> frozenset[str]:
    with translation.override(language):
        texts = [*map(_blocktranslated, _of(nodes, BlockTranslateNode)), *map(_translated, _of(nodes, TranslateNode))]
        texts += [node.s for node in _of(nodes, TextNode)]
    return frozenset().union(*(_pieces(text, fewest) for text in texts))


def _pieces(text: str, fewest: int = FEWEST_WORDS) -> frozenset[str]:
    """The sentences of a text, without the values that it shows."""
    pieces = re.split(r"%\(\w+\)s", text.replace("%%", "%"))
    runs = {run for piece in pieces for line in piece.splitlines() for run in run_of(line).split("|")}
    return frozenset(run for run in runs if len(run.split()) >= fewest)


def _never_told(language: str) -> str:
    with translation.override(language):
        return never_told.in_words()


def _blocktranslated(node: BlockTranslateNode) -> str:
    text, _names = node.render_token_list(node.singular)
    return translation.gettext(" ".join(text.split()) if node.trimmed else text)


def _translated(node: TranslateNode) -> str:
    variable = node.filter_expression.var
    return translation.gettext(str(getattr(variable, "literal", variable) or variable))
