"""What the product says when it refuses a request. A rule function either does all of its work or raises `Refused`, and
then nothing is written. A face shows the words beside the field, or sends the same words in JSON with `status`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """A request that a rule forbids.

    `code` is stable and for machines, `sentence` is for the person, `field` is the input that it belongs to (empty for
    the whole request), `status` is the HTTP status of the API.
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
    """There is no such thing, or you may not know of it. Both look the same."""

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
    """What was typed, such as a code, is wrong. The try is counted, and what the rule wrote about it stays written."""

    status = 400


class Conflict(Refused):
    """The request came too late, came twice, or does not fit the current state."""
