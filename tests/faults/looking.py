"""A page of a customer that is open: it asks the web as its script does without a stream, and it hears the stream."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import requests

from devstack.stack import Stack

BELIEVED_FOR = 15.0
"""Seconds for which a page says what was published last."""
MARGIN = 3.0
"""Seconds, for a machine that is busy."""


class Page:
    def __init__(self, stack: Stack, ticket: Mapping[str, str]) -> None:
        self._web, self._streams = stack.addresses["PUBLIC_URL"], stack.addresses["LIVE_URL"]
        self._ticket = dict(ticket)

    def says(self) -> str:
        answer = requests.get(f"{self._web}/live/now", cookies=self._ticket, timeout=10)
        answer.raise_for_status()
        return str(answer.json()["state"])

    def hears(self) -> str:
        """The first event of a new stream."""
        url = f"{self._streams}/live/stream"
        with requests.get(url, cookies=self._ticket, stream=True, timeout=10) as stream:
            stream.raise_for_status()
            told = next(line for line in stream.iter_lines() if line.startswith(b"data: "))
        return str(json.loads(told.removeprefix(b"data: "))["state"])

    def comes_to_say(self, state: str, *, until: float) -> bool:
        """Whether both ways say so by that time of the monotonic clock, or now."""
        while (self.says(), self.hears()) != (state, state):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True
