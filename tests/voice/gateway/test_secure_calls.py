"""Calls over TLS with verified certificates, and sound that is encrypted (SDES), with real telephones."""

from __future__ import annotations

import asyncio
from pathlib import Path

from backoffice.voice.contract import Capture, Captured, Item, Outcome
from backoffice.voice.gateway.proving import verified
from backoffice.voice.sip.sdp import Secrecy
from backoffice.voice.sip.transports import Listening, Tls
from devstack.registry import signing
from devstack.telephones.words import Transport
from tests.voice.gateway.exchange import exchange, new_key
from tests.voice.gateway.listening import (
    AGENT_SAYS,
    CUSTOMER_SAYS,
    NEEDS_PHONES,
    SILENT,
    is_speech,
    is_tone,
)

pytestmark = NEEDS_PHONES


def certificates(folder: Path) -> tuple[Tls, Path, Path]:
    """Of the gateway; of whom the phones trust; of the phones."""
    authority = signing.make("Authority", days=1)
    for name in ("gateway", "phone"):
        signed = signing.make(name, by=authority, days=1, addresses=("127.0.0.1",))
        (folder / f"{name}.cert").write_bytes(signed.cert)
        (folder / f"{name}.key").write_bytes(signed.key)
        (folder / f"{name}.pem").write_bytes(signed.cert + signed.key)
    (folder / "ca.pem").write_bytes(authority.cert)
    ours = Tls(folder / "gateway.cert", folder / "gateway.key", folder / "ca.pem")
    return ours, folder / "ca.pem", folder / "phone.pem"


def test_digits_are_taken_over_tls_and_srtp_and_the_agent_hears_nothing(tmp_path: Path) -> None:
    ours, authorities, phones = certificates(tmp_path)
    lines = {"transport": Transport.TLS, "srtp": True, "authorities": authorities, "certificate": phones}
    listening = Listening(udp=None, tls=0, certificates=ours)

    async def story() -> None:
        async with exchange(tmp_path, lines=lines, listening=listening, secrecy=Secrecy.REQUIRED) as it:
            await it.agent.say_tone(AGENT_SAYS)
            await it.customer.say_tone(CUSTOMER_SAYS)
            conversation = await it.joined()
            await it.agent.heard(is_tone(CUSTOMER_SAYS))
            await it.customer.heard(is_tone(AGENT_SAYS))
            capture = Capture(key=new_key(), conversation=conversation, items=(Item.SECURITY_CODE,), language="en")
            await it.do(capture)
            await it.customer.heard(is_speech)
            await it.agent.heard(lambda level: level.rms <= SILENT)
            await it.customer.press("123#")
            captured = await it.told(conversation, Captured)
            assert captured.outcome is Outcome.DONE
            assert captured.proof is not None
            assert verified(captured.proof, it.public_key).is_clean
            assert it.agent.digits() == []
            assert it.provider.asked[0][2] == b"cvc_update[cvc]=123"

    asyncio.run(story())
