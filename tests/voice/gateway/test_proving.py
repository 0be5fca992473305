"""The proof that the agent's telephone was silent, and that it cannot be made up."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from backoffice.voice.contract import CleanWindow, Proof
from backoffice.voice.gateway.proving import NotProven, Signer, digest, verified

KEY = Ed25519PrivateKey.generate()
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def window(**changes: int) -> CleanWindow:
    told = {"frames": 500, "non_silent": 0, "events": 0, "ssrc": 1, "first_sequence": 2, "last_sequence": 501}
    return CleanWindow(
        capture="key-1", conversation="c", instance="i", began_at=NOW, ended_at=NOW, **{**told, **changes}
    )


def test_a_proof_says_what_was_signed() -> None:
    proof = Signer(KEY).sign(window())

    assert verified(proof, KEY.public_key()) == window()
    assert len(digest(proof)) == 64


@pytest.mark.parametrize(
    ("changes", "clean"), [({}, True), ({"non_silent": 1}, False), ({"events": 1}, False), ({"frames": 0}, False)]
)
def test_only_a_window_of_silence_is_clean(changes: dict[str, int], clean: bool) -> None:
    assert window(**changes).is_clean is clean


def test_a_window_that_was_changed_is_not_proven() -> None:
    proof = Signer(KEY).sign(window(non_silent=3))
    better = msgspec.structs.replace(proof, window=proof.window.replace('"non_silent":3', '"non_silent":0'))

    assert better != proof
    with pytest.raises(NotProven, match="signature"):
        verified(better, KEY.public_key())


@pytest.mark.parametrize("signature", ["", "AAAA", "!", base64.b64encode(bytes(64)).decode()])
def test_a_made_up_signature_is_not_proven(signature: str) -> None:
    proof = msgspec.structs.replace(Signer(KEY).sign(window()), signature=signature)

    with pytest.raises(NotProven, match="signature"):
        verified(proof, KEY.public_key())


def test_another_key_is_named() -> None:
    with pytest.raises(NotProven, match="other_key"):
        verified(Signer(Ed25519PrivateKey.generate()).sign(window()), KEY.public_key())


def test_something_else_that_was_signed_is_no_window() -> None:
    signer = Signer(KEY)
    text = '{"paid":true}'
    proof = Proof(window=text, signature=base64.b64encode(KEY.sign(text.encode())).decode(), key_id=signer.key_id)

    with pytest.raises(NotProven, match="unreadable"):
        verified(proof, KEY.public_key())


def test_a_key_of_another_kind_is_refused_at_the_start(tmp_path: Path) -> None:
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    other = generate_private_key(65537, 2048).private_bytes(pem, private, serialization.NoEncryption())
    (tmp_path / "rsa.pem").write_bytes(other)

    with pytest.raises(ValueError, match="Ed25519"):
        Signer.from_file(tmp_path / "rsa.pem")
