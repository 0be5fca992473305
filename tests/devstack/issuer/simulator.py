"""The issuer simulator as its own process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stripe
import urllib3

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.ports import OrderRequest, Replacement, ShippingAddress
from tests.devstack.serving import free_port

KEY = "sk_test_of_the_tests"
SECRET = "whsec_of_the_tests"
ADDRESS = ShippingAddress(
    name="Wilhelmina Quist", line1="Achterlaan 12", city="Utrecht", postal_code="3511 AB", country="NL"
)


@dataclass
class Simulator:
    data: Path
    webhook_url: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "devstack.issuer", "--port", str(self.port), "--data", str(self.data)]
        self.data.mkdir(exist_ok=True)
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--webhook-url", self.webhook_url],
                env={**os.environ, "ISSUER_KEY": KEY, "ISSUER_WEBHOOK_SECRET": SECRET},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 20
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.data / "log").read_text())

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=10)

    def _answers(self) -> bool:
        assert self.process
        try:
            return urllib3.request("GET", self.url + "/healthz", retries=False, timeout=1).status == 200
        except urllib3.exceptions.HTTPError:
            try:
                self.process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                return False
            return False

    def call(self, method: str, path: str, content: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """A request beside the API of cards; `content` goes as JSON."""
        body = None if content is None else json.dumps(content)
        sent = {"content-type": "application/json", **headers}
        return urllib3.request(method, self.url + path, body=body, headers=sent, retries=False, redirect=False)

    def faults(self, **faults: Any) -> None:
        answer = self.call("POST", "/_sim/faults", faults)
        assert answer.status == 200, answer.data

    def advance(self, *, days: float) -> None:
        assert self.call("POST", "/_sim/clock", {"advance": days * 86400}).status == 200

    def seed(self, *, last4: str = "4242") -> str:
        token = f"ic_{uuid.uuid4().hex}"
        assert self.call("POST", "/_sim/cards", {"token": token, "last4": last4}).status == 200
        return token

    def adapter(self, *, read: float = 5, retries: int = 0, key: str = KEY) -> StripeIssuer:
        return StripeIssuer(key=key, url=self.url, connect=1, read=read, retries=retries)

    def library(self) -> stripe.StripeClient:
        """The official library without anything of ours."""
        return stripe.StripeClient(KEY, base_addresses={"api": self.url}, max_network_retries=0)

    def cards_of(self, case_id: str) -> list[str]:
        found = self.library().v1.issuing.cards.list({"limit": 100}).data
        return [card.id for card in found if "case" in card.metadata and card.metadata["case"] == case_id]


def request_for(old: str, *, reason: Replacement = Replacement.LOST, case_id: str = "case-1") -> OrderRequest:
    return OrderRequest(reason=reason, shipping=ADDRESS, case_id=case_id, replaces=old)
