"""Verifies the proofs that an agent's telephone was silent while a customer keyed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from backoffice.cases.models import Event
from backoffice.payments.voice.models import CleanLeg
from backoffice.references import tidy_reference
from backoffice.voice.contract import Proof
from backoffice.voice.gateway.proving import NotProven, digest, verified


class CannotVerify(Exception):
    """There is nothing to verify, or nothing to verify it by. The text says what."""


@dataclass(frozen=True)
class Verified:
    """One proof, by its place in the case; `wrong` says what is wrong with it, empty where nothing is."""

    number: int
    leg: CleanLeg
    wrong: str

    def sentence(self) -> str:
        began = f"proof {self.number} of {self.leg.at:%Y-%m-%d %H:%M:%S} UTC, {self.leg.sha256[:16]}…"
        counts = f"{self.leg.frames} frames, {self.leg.non_silent} not silent, {self.leg.events} keys"
        return f"{began}: {self.wrong or f'signed, {counts}'}"


def verify(reference: str, *, key_path: str = "") -> Sequence[Verified]:
    """The proofs of a case in their order. Raises `CannotVerify` for an unknown case, for one without a proof, and
    without the gateway's public key (a PEM file)."""
    legs = list(CleanLeg.objects.filter(payment__case__reference=tidy_reference(reference) or "").order_by("at", "pk"))
    if not legs:
        raise CannotVerify("There is no payment by telephone with this reference in which an agent was cut off.")
    key = public_key(key_path or settings.VOICE_PUBLIC_KEY_PATH)
    return [Verified(number, leg, wrong_with(leg, key)) for number, leg in enumerate(legs, start=1)]


def public_key(path: str) -> Ed25519PublicKey:
    """Raises `CannotVerify`."""
    try:
        key = serialization.load_pem_public_key(Path(path).read_bytes())
    except (OSError, ValueError):
        raise CannotVerify("The voice gateway's public key cannot be read: set VOICE_PUBLIC_KEY_PATH.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise CannotVerify("The voice gateway's public key is no Ed25519 key.")
    return key


def wrong_with(leg: CleanLeg, key: Ed25519PublicKey) -> str:
    """What is wrong with a proof: signature, counts, or that the timeline does not know it; empty where nothing is."""
    proof = Proof(window=leg.window, signature=leg.signature, key_id=leg.key_id)
    try:
        window = verified(proof, key)
    except NotProven as not_proven:
        return f"NOT PROVEN ({not_proven})"
    if window.conversation != leg.call.conversation:
        return "NOT OF THIS CALL"
    if not window.is_clean:
        return f"NOT CLEAN: {window.non_silent} frames with a sound, {window.events} keys"
    noted = Event.objects.filter(case_id=leg.payment_id, kind="payment.clean_leg", data__sha256=digest(proof))
    return "" if noted.exists() else "NOT ON THE TIMELINE"
