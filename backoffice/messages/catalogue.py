"""The message catalogue: what each message is about, what it asks, what it may show, and where its words are. The apps
register what they send; a message that is not registered cannot be sent. The code of a process's message begins with
the name of the process, so two processes may each have a message of the same name. The sentences here suit every
reader, and hold no name, number or amount, because the desk, the public check page and "who contacted me" show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext

from workflows.base.spec import N_, SIGN_IN, Notice

COMMON_FACTS = frozenset({"case_reference", "until"})
"""What every message may show."""


@dataclass(frozen=True)
class MessageKind:
    """A kind of message. Its `code` is stored in the message's row, the contact register and the timeline."""

    code: str
    notice: Notice
    path: str
    """The file with its words, below `templates/messages/`."""
    shows: frozenset[str] = COMMON_FACTS
    """The facts that it may show; a message with any other fact is refused."""

    @property
    def about(self) -> str:
        """What the message tells, in the active language."""
        return gettext(self.notice.about)

    @property
    def asks(self) -> str:
        """What the message asks its reader to do, in the active language."""
        return gettext(self.notice.asks)


_kinds: dict[str, MessageKind] = {}
OTHER = MessageKind("", Notice(name="", about=N_("It is about a case with us."), asks=SIGN_IN), "")


def code_of(notice: str, *, process: str = "") -> str:
    """`address_change.code_sent`; for a message common to all processes, only its name."""
    return f"{process}.{notice}" if process else notice


def register(notice: Notice, *, process: str = "", shows: Iterable[str] = ()) -> None:
    """`shows` are facts that all messages of the process may show. Raises `ValueError` where another message has this
    code."""
    code = code_of(notice.name, process=process)
    kind = MessageKind(code, notice, f"{code.replace('.', '/')}.txt", COMMON_FACTS.union(notice.shows, shows))
    if _kinds.setdefault(code, kind).notice is not notice:
        raise ValueError(f"two messages are called “{code}”")


def all_kinds() -> Mapping[str, MessageKind]:
    return MappingProxyType(_kinds)


def kind_of(code: str) -> MessageKind:
    """The kind of a message or contact. Calls, and messages that are no longer sent, have the general kind."""
    return _find(code) or OTHER


def is_known(code: str) -> bool:
    """Whether a message of ours has this code."""
    return _find(code) is not None


def known(code: str) -> MessageKind:
    """Raises `ValueError` for a message that nobody registered."""
    kind = _find(code)
    if kind is None:
        raise ValueError(f"no message is called {code!r}")
    return kind


def _find(code: str) -> MessageKind | None:
    """Older rows have codes without a process; these are looked for among all processes."""
    if code in _kinds:
        return _kinds[code]
    return next((kind for known, kind in _kinds.items() if code and known.endswith(f".{code}")), None)
