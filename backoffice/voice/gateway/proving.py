"""Signs what the agent's telephone was sent while it was cut off, so that anybody with the public key can check it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backoffice.voice.contract import CleanWindow, Proof


class NotProven(Exception):
    """The signature does not fit, or what was signed is no window. The text is a code."""


class Signer:
    """Signs with an Ed25519 key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.key_id = key_id(key.public_key())

    @classmethod
    def from_file(cls, path: Path) -> Signer:
        """From a PEM file. Raises `OSError`, `ValueError` if it holds no such key."""
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the key of the voice gateway is no Ed25519 key")
        return cls(key)

    @property
    def public_pem(self) -> str:
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, kind).decode()

    def sign(self, window: CleanWindow) -> Proof:
        text = msgspec.json.encode(window, order="sorted")
        signature = base64.b64encode(self._key.sign(text)).decode()
        return Proof(window=text.decode(), signature=signature, key_id=self.key_id)


def key_id(key: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the SHA-256 of the raw public key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def digest(proof: Proof) -> str:
    """What the timeline of a case keeps of a proof: the SHA-256 of what was signed, in hex."""
    return hashlib.sha256(proof.window.encode()).hexdigest()


def verified(proof: Proof, key: Ed25519PublicKey) -> CleanWindow:
    """The window that was signed. Raises `NotProven`."""
    if proof.key_id != key_id(key):
        raise NotProven("other_key")
    try:
        key.verify(base64.b64decode(proof.signature, validate=True), proof.window.encode())
        return msgspec.json.decode(proof.window, type=CleanWindow)
    except (msgspec.MsgspecError, RecursionError):
        raise NotProven("unreadable") from None
    except (InvalidSignature, ValueError):
        raise NotProven("signature") from None
