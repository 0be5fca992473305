"""How a call of an outside system fails."""

from __future__ import annotations


class OutsideRefused(Exception):
    """An outside system refused for good; `code` is its code, without personal data. A person decides what now."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.key = ""
        """The key of the call, once it is known."""


class OutsideUnavailable(Exception):
    """An outside system does not answer, or what it did is not known: try again with the same key."""

    def __init__(self, code: str = "unavailable") -> None:
        super().__init__(code)
        self.code = code
