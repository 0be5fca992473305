"""The control as a page and as JSON over HTTP, on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from devstack import plain_page
from devstack.registry import page
from devstack.registry.control import Control, WrongInput

HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
LARGEST = 4 * 1024 * 1024
_POLICY = "default-src 'none'; style-src 'self'"


class Server(ThreadingHTTPServer):
    """Serves until it is closed. `port` 0 takes a free one."""

    daemon_threads = True

    def __init__(self, control: Control, *, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.control = control
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.2,), name="control", daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """The routes. They need no key: everybody who reaches loopback may play. A page of another site cannot: it would
    need our host name, and permission to send JSON."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        control = self.server.control
        if path == "/":
            self._send(page.render(control.domains(), control.state()).encode(), "text/html; charset=utf-8")
        elif path == "/page.css":
            self._send(plain_page.STYLE.encode(), "text/css")
        elif path == "/healthz":
            self._send_json({"status": "ok"})
        elif path == "/_sim/state":
            self._send_json(control.state())
        elif path.startswith("/_sim/domains/"):
            self._do(lambda _told: control.domain(path.removeprefix("/_sim/domains/")), None)
        elif path.startswith("/_sim/contacts/"):
            self._do(lambda _told: control.contact(path.removeprefix("/_sim/contacts/")), None)
        else:
            self._send_json({"error": "There is no such page."}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        control = self.server.control
        does: dict[str, Callable[[Any], Any]] = {
            "/_sim/domains": lambda told: {"domains": [control.seed(one) for one in _many(told)]},
            "/_sim/faults": control.switch_on,
            "/_sim/clock": lambda told: control.advance(told.get("advance")),
            "/_sim/act": control.act,
            "/_sim/clear": lambda _told: control.clear(),
        }
        path, sent = urlsplit(self.path).path, self._read()
        if self.headers.get_content_type() != "application/json":
            self._send_json({"error": "Send application/json."}, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        elif path not in does:
            self._send_json({"error": "There is no such page."}, HTTPStatus.NOT_FOUND)
        else:
            self._do(does[path], sent)

    def do_DELETE(self) -> None:
        if urlsplit(self.path).path == "/_sim/faults":
            self._do(lambda _told: self.server.control.switch_off(), None)
        else:
            self._send_json({"error": "There is no such page."}, HTTPStatus.NOT_FOUND)

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if (self.headers.get("host") or "").rpartition(":")[0] not in HOSTS:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return False
        return True

    def log_message(self, *_: Any) -> None:
        """Nothing: a line for each look at the state would hide the others."""

    def _read(self) -> bytes:
        """The body; what is too long is not read, and then the connection ends."""
        length = self.headers.get("content-length") or "0"
        if length.isdigit() and int(length) <= LARGEST:
            return self.rfile.read(int(length))
        self.close_connection = True
        return b""

    def _do(self, act: Callable[[Any], Any], sent: bytes | None) -> None:
        try:
            told = json.loads(sent) if sent is not None else None
            if sent is not None and not isinstance(told, dict):
                raise WrongInput("Send an object.")
            self._send_json(act(told))
        except ValueError:
            self._send_json({"error": "This is not JSON."}, HTTPStatus.BAD_REQUEST)
        except WrongInput as wrong:
            self._send_json({"error": str(wrong)}, HTTPStatus.BAD_REQUEST)

    def _send_json(self, content: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(content).encode(), "application/json", status)

    def _send(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.send_header("content-security-policy", _POLICY)
        self.end_headers()
        self.wfile.write(content)


def _many(told: Any) -> list[Any]:
    wanted = told.get("domains", [told])
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise WrongInput("domains is a list of objects.")
    return wanted
