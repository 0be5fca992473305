"""Where the story is played: the addresses of a running stack, the outside systems, and how it waits and tells."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import requests
from standardwebhooks.webhooks import Webhook

from devstack.telephones.handsets import Handsets

from .browser import Browser, Lost

T = TypeVar("T")
PATIENCE = 30.0
"""How many seconds the story waits for what must happen by itself."""


@dataclass
class World:
    """`keys` are the secrets of the detector and of the issuer. `data_dir` is the folder of the stack, with the
    authority whose certificates people sign with. `say` prints a line."""

    addresses: dict[str, str]
    keys: dict[str, str]
    data_dir: Path
    say: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    used_codes: dict[str, set[int]] = field(default_factory=dict)
    """By user name, the half minutes whose authenticator codes are used up."""
    browsers: dict[str, Browser] = field(default_factory=dict)
    """By user name; who has signed in once stays signed in from story to story."""
    phones: Handsets | None = None
    """While there are some (see `phones.py`)."""

    def tell(self, who: str, what: str) -> None:
        """One line of the story, with the seconds since it began."""
        self.say(f"{time.monotonic() - self.began:6.1f} s  {who:<9} {what}")

    def see(self, what: str) -> None:
        """What somebody sees, under the line of what they did."""
        self.say(f"{'':21}{what}")

    def browser(self) -> Browser:
        return Browser(self.addresses["PUBLIC_URL"])

    def until(self, what: str, found: Callable[[], T | None], *, patience: float = PATIENCE, every: float = 0.05) -> T:
        """Looks again, after so many seconds, until `found` returns something; raises `Lost` when it never does."""
        deadline = time.monotonic() + patience
        while True:
            result = found()
            if result:
                return result
            if time.monotonic() > deadline:
                raise Lost(f"{what}: it did not happen within {patience:.0f} s")
            time.sleep(every)

    # --- outside systems ---------------------------------------------------------------------------------------------

    def signal_fraud(self, token: str, payments: list[dict[str, str]], signal_id: str) -> dict[str, Any]:
        """The detector's signed call. Gives the case's reference and whether it is new."""
        body = json.dumps({"type": "card.fraud", "data": {"card": token, "payments": payments}})
        now = datetime.now(UTC)
        headers = {
            "webhook-id": signal_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.keys["SIGNALS_SECRET"]).sign(signal_id, now, body),
            "content-type": "application/json",
        }
        address = f"{self.addresses['PUBLIC_URL']}/api/v1/signals/fraud"
        answer = requests.post(address, data=body, headers=headers, timeout=30)
        if answer.status_code not in (200, 202):
            raise Lost(f"the signal was answered {answer.status_code}: {answer.text[:300]}")
        told: dict[str, Any] = answer.json()
        return told

    def issuer(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.keys['ISSUER_KEY']}"}
        answer = requests.request(method, self.addresses["ISSUER_URL"] + path, headers=headers, timeout=30, **content)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def registry(self, path: str, content: Any = None) -> dict[str, Any]:
        """The control of the embedded registry (devstack/registry/web.py): reads, or does something with `content`."""
        address = f"{self.addresses['REGISTRY_CONTROL_URL']}/_sim/{path}"
        method = "GET" if content is None else "POST"
        answer = requests.request(method, address, json=content, timeout=30)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def telephone(self, number: str, step: str) -> bool:
        """What somebody does with the telephone at this number, in the simulator of the provider: `answer`, `hang_up`
        (devstack/telephony/control.py). False while no call has come there."""
        address = f"{self.addresses['TELEPHONY_URL']}/_sim/calls/{number}/{step}"
        answer = requests.post(address, timeout=30)
        if answer.status_code not in (200, 404):
            raise Lost(f"the telephone at {number} does not {step}: {answer.text[:200]}")
        return answer.status_code == 200

    def updater(self, path: str, content: Any = None) -> dict[str, Any]:
        """The control of the account updater's simulator (devstack/updater/app.py)."""
        method, address = "GET" if content is None else "POST", f"{self.addresses['UPDATER_URL']}/_sim/{path}"
        answer = requests.request(method, address, json=content, timeout=30)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def messages(self, reference: str) -> list[dict[str, Any]]:
        """The mails and texts that arrived about a case, the newest first."""
        address = f"{self.addresses['INBOX_URL']}/api/messages"
        answer = requests.get(address, params={"q": reference}, timeout=30)
        answer.raise_for_status()
        told = answer.json()
        found: list[dict[str, Any]] = told["messages"] if isinstance(told, dict) else told
        return found
