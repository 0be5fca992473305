"""A simulator that a thread of the tests serves."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import urllib3
import uvicorn
from starlette.applications import Starlette

from tests.waiting import until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """`build` is called in the thread; `url` is where its application answers."""

    def __init__(self, build: Callable[[], Starlette]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        told = uvicorn.Config(build, factory=True, port=port, log_level="error", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(told)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        assert until(lambda: self._server.started)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        headers = {"content-type": "application/json"}
        body = None if content is None else json.dumps(content)
        answer = urllib3.request(method, self.url + path, body=body, headers=headers, retries=False)
        assert answer.status < 500, answer.data
        return answer.json()

    def faults(self, **faults: Any) -> None:
        assert self.ask("POST", "/_sim/faults", faults).keys() >= faults.keys()
