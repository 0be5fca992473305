"""Where the parts of the stack are found, as the variables that the product's settings read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import ports, postgres, servers, signers, voice
from .registry import pki

ACCOUNT, OUR_NUMBER = "AC" + "0" * 32, "+31205550100"
"""At the simulator of telephone calls. The voice gateway shows the same number."""


def offered(data_dir: Path, chosen: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """By the name of each part the variables that the others read, where `chosen` are its ports."""
    socket = servers.valkey_socket(data_dir)
    inbox = f"http://127.0.0.1:{chosen.get('INBOX_PORT')}"
    registry = pki.files(data_dir.resolve() / "registry")
    return {
        "postgres": {"DATABASE_URL": postgres.cluster(data_dir).url()},
        "valkey": {
            "CELERY_BROKER_URL": f"redis+socket://{socket}?virtual_host=0",
            "CACHE_URL": f"unix://{socket}?db=1",
        },
        "temporal": {
            "TEMPORAL_ADDRESS": f"127.0.0.1:{chosen.get('TEMPORAL_PORT')}",
            "TEMPORAL_UI_URL": f"http://127.0.0.1:{chosen.get('TEMPORAL_UI_PORT')}",
        },
        "inbox": {
            "EMAIL_URL": f"smtp://127.0.0.1:{chosen.get('SMTP_PORT')}",
            "SMS_URL": f"{inbox}/sms",
            "INBOX_URL": inbox,
        },
        "issuer": {"ISSUER_URL": f"http://127.0.0.1:{chosen.get('ISSUER_PORT')}"},
        "payments": {"PAYMENTS_URL": f"http://127.0.0.1:{chosen.get('PAYMENTS_PORT')}"},
        "updater": {"UPDATER_URL": f"http://127.0.0.1:{chosen.get('UPDATER_PORT')}"},
        "registry": {
            "REGISTRY_ADDRESS": f"127.0.0.1:{chosen.get('REGISTRY_PORT')}",
            "REGISTRY_CONTROL_URL": f"http://127.0.0.1:{chosen.get('REGISTRY_CONTROL_PORT')}",
            "REGISTRY_AUTHORITY_PATH": str(registry.authority),
            "REGISTRY_CERT_PATH": str(registry.client_cert),
            "REGISTRY_KEY_PATH": str(registry.client_key),
        },
        "telephony": {
            "TELEPHONY_URL": f"http://127.0.0.1:{chosen.get('TELEPHONY_PORT')}",
            "TELEPHONY_ACCOUNT": ACCOUNT,
            "TELEPHONY_NUMBER": OUR_NUMBER,
        },
        "voice": {
            "VOICE_CONTROL_URL": f"http://127.0.0.1:{chosen.get('VOICE_CONTROL_PORT')}",
            "VOICE_PUBLIC_KEY_PATH": str(voice.public_key(data_dir)),
        },
        "prepare": {"SIGNATURES_TRUST": str(signers.trust_folder(data_dir))},
        "web": {"PUBLIC_URL": f"http://127.0.0.1:{chosen.get(ports.WEB)}"},
        "streams": {"LIVE_URL": f"http://127.0.0.1:{chosen.get('LIVE_PORT')}"},
    }
