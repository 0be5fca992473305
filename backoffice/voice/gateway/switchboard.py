"""What all conversations of one gateway share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosipua.auth import SipDigestAuth

from backoffice.voice.contract import Failure
from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.gateway.events import Outbox
from backoffice.voice.gateway.proving import Signer
from backoffice.voice.gateway.tokenising import Tokeniser
from backoffice.voice.media.clock import Clock
from backoffice.voice.media.ports import Ports
from backoffice.voice.media.recording import Recorder
from backoffice.voice.sip.sdp import Negotiation, Secrecy
from backoffice.voice.sip.user_agent import UserAgent
from backoffice.voice.speech.prompts import Prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """`media_address` is where others send sound to, an IP literal; `recorder` is None where nothing is recorded.
    `outbox` makes the one of a conversation."""

    instance: str
    agent: UserAgent
    clock: Clock
    ports: Ports
    prompts: Prompts
    tokeniser: Tokeniser
    signer: Signer
    dial_plan: DialPlan
    media_address: str
    secrecy: Secrecy
    outbox: Callable[[str], Outbox]
    account: SipDigestAuth | None = None
    recorder: Recorder | None = None
    failures: Counter[Failure] = field(default_factory=Counter)
    sound_refused: Counter[str] = field(default_factory=Counter)
    """By the telephones that have left."""

    def negotiation(self, port: int) -> Negotiation:
        """Ours, for a leg that listens at this port."""
        return Negotiation(address=self.media_address, port=port, secrecy=self.secrecy)
