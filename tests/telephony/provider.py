"""The telephone simulator, served by a thread of the tests, and whoever receives its webhooks."""

from __future__ import annotations

import json
import queue
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3
import uvicorn

from backoffice.telephony.adapters.twilio import TwilioTelephony
from devstack.telephony.app import Options, build
from tests.waiting import until

ACCOUNT, TOKEN, OURS = "AC" + "1" * 32, "a" * 31 + "b", "+31205550100"


@dataclass
class Posted:
    """A webhook as it came in."""

    path: str
    body: bytes
    signature: str


class Receiver:
    """Takes webhooks on a free port."""

    def __init__(self) -> None:
        self.arrived: queue.Queue[Posted] = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.arrived.put(Posted(self.path, body, self.headers["x-twilio-signature"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def next(self) -> Posted:
        return self.arrived.get(timeout=8)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Phones:
    """The simulator. `url` is its address."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        app = build(Options(data, ACCOUNT, TOKEN))
        self._server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
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

    def calls(self, to: str = "") -> list[dict[str, Any]]:
        """The newest first."""
        found = self.ask("GET", "/_sim/calls")["calls"]
        return [call for call in found if to in ("", call["to"])]

    def do(self, which: str, step: str) -> dict[str, Any]:
        done: dict[str, Any] = self.ask("POST", f"/_sim/calls/{which}/{step}")
        return done

    def adapter(self, *, read: float = 5, token: str = TOKEN) -> TwilioTelephony:
        return TwilioTelephony(url=self.url, account=ACCOUNT, token=token, number=OURS, connect=1, read=read)
