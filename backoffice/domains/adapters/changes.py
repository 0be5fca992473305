"""Makes a change once: its row, the question after an answer that was lost, and the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from epptools import Client, Response
from epptools.exceptions import ValidationException

from backoffice.domains import registry_commands as rows
from backoffice.domains.adapters import results
from backoffice.domains.adapters.reading import Told
from backoffice.domains.adapters.session import Answered, Session
from backoffice.domains.ports import RegistryRefusal, RegistryUnavailable
from backoffice.domains.registry_commands import Known, RegistryCommand, RegistryCommandState


def _learns_nothing(_answer: Told, _known: Known) -> None:
    """For a change of which nothing more need be known."""


@dataclass(frozen=True)
class Change:
    """`said` tells two requests under one key apart; it is kept as a keyed hash. `send` builds and sends the command.

    `is_done` asks the registry whether it is as the change leaves it; `known` is what the row remembers, and it may
    write there what `send` must know. Without it the change may be sent again, because once more changes nothing.
    `is_asked_first` when it must be asked before the first try, too. `done_codes` are refusals that say that it is
    done."""

    verb: str
    name: str
    said: str
    send: Callable[[Client, Known], Response]
    is_done: Callable[[Known], bool] | None = None
    is_asked_first: bool = False
    learn: Callable[[Told, Known], None] = _learns_nothing
    done_codes: frozenset[int] = frozenset()


class Changes:
    """Those of one session."""

    def __init__(self, session: Session, *, deadline: float) -> None:
        self._session = session
        self._lease = timedelta(seconds=4 * deadline + 5)
        """Longer than a try can take: two questions and two commands, each with its deadline."""

    def make(self, change: Change, key: str) -> Known:
        """What is known of the change once it is made, by this call or by an earlier one under the same key. Raises
        `RegistryRefusal` and `RegistryUnavailable`."""
        row = rows.found(key=key, verb=change.verb, name=change.name, said=change.said)
        if row is not None and row.state == RegistryCommandState.DONE:
            return _known(row)
        if row is None or row.state == RegistryCommandState.REFUSED:
            row, done = self._first(change, key, row)
        else:
            rows.take_up(row, now=timezone.now(), lease=self._lease)
            done = self._after_no_answer(change, row)
        if not done:
            self._send(change, row)
        return _known(row)

    def _first(self, change: Change, key: str, refused: RegistryCommand | None) -> tuple[RegistryCommand, bool]:
        """The row of a change that has certainly not been made, and whether there is nothing to do."""
        known: Known = {}
        done = change.is_done is not None and change.is_asked_first and change.is_done(known)
        if refused is None:
            row = rows.begin(
                key=key, verb=change.verb, name=change.name, said=change.said, known=known, now=timezone.now(),
                lease=self._lease,
            )  # fmt: skip
        else:
            row = refused
            rows.take_up(row, now=timezone.now(), lease=self._lease)
            rows.remember(row, known)
        if done:
            _end(row, RegistryCommandState.DONE)
        return row, done

    def _after_no_answer(self, change: Change, row: RegistryCommand) -> bool:
        """Whether the registry says that the change was made."""
        try:
            done = change.is_done is not None and change.is_done(row.known)
        except (RegistryUnavailable, RegistryRefusal):
            _end(row, RegistryCommandState.SENT)
            raise
        if done:
            _end(row, RegistryCommandState.DONE)
        else:
            rows.remember(row, row.known)
        return done

    def _send(self, change: Change, row: RegistryCommand) -> None:
        try:
            answer = self._session.change(lambda client: change.send(client, row.known), trid=row.trid)
            if answer.code < 2000:
                change.learn(answer, row.known)
        except ValidationException:
            _end(row, RegistryCommandState.REFUSED)
            raise results.refusal_of_text() from None
        except RegistryUnavailable as unavailable:
            _end(row, RegistryCommandState.SENT, unavailable.told if isinstance(unavailable, Answered) else None)
            raise
        if answer.code == results.PENDING:
            _end(row, RegistryCommandState.SENT, answer)
            raise RegistryUnavailable("pending")
        if answer.code < 2000 or answer.code in change.done_codes:
            _end(row, RegistryCommandState.DONE, answer)
        else:
            self._refused(change, row, answer)

    def _refused(self, change: Change, row: RegistryCommand, answer: Told) -> None:
        """A refusal after a lost answer may say that the first try has done it."""
        if row.tries > 1 and change.is_done is not None and self._after_no_answer(change, row):
            return
        _end(row, RegistryCommandState.REFUSED, answer)
        raise results.refusal(answer.code)


def _known(row: RegistryCommand) -> Known:
    known: Known = row.known
    return known


def _end(row: RegistryCommand, state: RegistryCommandState, answer: Told | None = None) -> None:
    code, svtrid = (answer.code, answer.svtrid) if answer else (None, "")
    rows.ended(row, state=state, now=timezone.now(), code=code, svtrid=svtrid)
