"""What the product says when it does not do what it was asked.

A rule function either does all of its work or raises `Refused`; a face turns that into words beside the
field, or into the same words in JSON with `status`. Nothing is written when it is raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """A request that a rule forbids.

    `code` is stable and for machines, `sentence` is for the person, `field` is the input it belongs to
    (empty for the request as a whole), `status` is the HTTP answer of the API.
    """

    status = 409

    def __init__(self, code: str, sentence: str, *, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.sentence = str(sentence)
        self.field = field

    def __str__(self) -> str:
        return self.sentence


class NotFound(Refused):
    """There is no such thing, or it is not yours to know of; the two read the same."""

    status = 404


class Forbidden(Refused):
    """It exists and you may see it, but you may not do this."""

    status = 403


class NeedsProof(Refused):
    """The action needs a higher level of assurance than the actor has shown; `level` is what it needs."""

    status = 403

    def __init__(self, sentence: str, *, level: int) -> None:
        super().__init__("needs_proof", sentence)
        self.level = level


class Invalid(Refused):
    """The input does not fit its form: `errors` maps each field ("" is the whole form) to its sentences."""

    status = 400

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        first = next((sentences[0] for sentences in errors.values() if sentences), "")
        super().__init__("invalid", first)
        self.errors = {field: [str(s) for s in sentences] for field, sentences in errors.items()}


class TryRefused(Refused):
    """What was typed does not fit, such as a code: the try is counted, and what the rule wrote of it stays written."""

    status = 400


class Conflict(Refused):
    """It came too late, twice, or against the state that the thing is in now."""
