"""What `manage.py up` runs here: which parts a variable replaces, where the others listen, and how each is run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from backoffice import embedded, readiness

from . import addresses, ports, postgres, probes, servers, voice
from .supervisor import Part

BASE_DIR = Path(__file__).resolve().parents[1]
ISSUER_WEBHOOK_PATH, PAYMENTS_WEBHOOK_PATH = "/api/v1/webhooks/issuer", "/api/v1/webhooks/payments"
_REPLACED_BY = {
    "postgres": ["DATABASE_URL"],
    "valkey": ["CELERY_BROKER_URL"],
    "temporal": ["TEMPORAL_ADDRESS"],
    "inbox": ["EMAIL_URL", "SMS_URL"],
    "issuer": ["ISSUER_URL"],
    "payments": ["PAYMENTS_URL"],
    "updater": ["UPDATER_URL"],
    "registry": ["REGISTRY_ADDRESS"],
    "telephony": ["TELEPHONY_URL"],
    "voice": ["VOICE_CONTROL_URL"],
}
"""A part is not started when all its variables are given."""
ON_DEMAND = frozenset({"voice"})
"""These are started only where they are asked for."""
PARTS = [*_REPLACED_BY, "prepare", "web", "worker", "celery", "beat", "intake", "publisher", "streams"]
_PORTS = {
    "temporal": ["TEMPORAL_PORT", "TEMPORAL_HTTP_PORT", "TEMPORAL_UI_PORT"],
    "inbox": ["INBOX_PORT", "SMTP_PORT"],
    "issuer": ["ISSUER_PORT"],
    "payments": ["PAYMENTS_PORT"],
    "updater": ["UPDATER_PORT"],
    "registry": ["REGISTRY_PORT", "REGISTRY_CONTROL_PORT"],
    "telephony": ["TELEPHONY_PORT"],
    "voice": ["VOICE_CONTROL_PORT", "VOICE_SIP_PORT"],
    "web": [ports.WEB],
    "intake": ["MAIL_INTAKE_PORT"],
    "streams": ["LIVE_PORT"],
}
_STORES, _SERVICES, _PREPARATION, _PRODUCT = range(4)


@dataclass(frozen=True)
class Plan:
    """The parts in the order of their start, and the addresses that the product's settings read."""

    parts: list[Part]
    addresses: dict[str, str]
    environment: dict[str, str]


def make(
    data_dir: Path,
    *,
    environment: Mapping[str, str],
    demo: bool,
    without: Iterable[str],
    also: Iterable[str] = (),
    telephones: Mapping[str, Iterable[str]] | None = None,
) -> Plan:
    """Plans and prepares the parts, of those `ON_DEMAND` the ones in `also`. `telephones` are names of test phones with
    the numbers at which the voice gateway reaches each. Raises PortTaken or Unavailable, each with what to do."""
    asked = environ.FileAwareEnv()
    asked.ENVIRON = dict(environment)
    given = _given(environment)
    names = _names(given, left_out={*without, *ON_DEMAND.difference(also)})
    wanted_ports = [port for name in names for port in _PORTS.get(name, [])]
    wanted_ports += [ports.of_phone(name) for name in telephones or {}]
    remembered = embedded.addresses(data_dir)
    chosen = ports.choose(wanted_ports, data_dir=data_dir, asked=environment, remembered=remembered)
    offered = addresses.offered(data_dir, chosen)
    found = {name: value for part in names for name, value in offered.get(part, {}).items() if name not in given}
    secrets = {name: asked.str(name, value) for name, value in embedded.keys(data_dir).items()}
    maker = _Maker(
        data_dir=data_dir,
        names=names,
        ports=chosen,
        addresses=found,
        environment={
            **environment,
            **found,
            **({"COUNTERSIGN_DEMO": "1"} if demo else {}),
            "COUNTERSIGN_DATA": str(data_dir),
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
            "PYTHONUNBUFFERED": "1",
        },
        secrets=secrets,
        dial_plan=voice.dial_plan(telephones or {}, chosen),
    )
    gone = {name for part in ON_DEMAND.difference(names) for name in offered[part]}
    kept = {name: value for name, value in remembered.items() if name not in gone}
    embedded.write_addresses(data_dir, {**kept, **chosen, **found})
    return Plan(
        parts=[getattr(maker, name)() for name in names], addresses={**chosen, **found}, environment=maker.environment
    )


def _given(environment: Mapping[str, str]) -> set[str]:
    names = {name for name in environment if environment[name]}
    return names | {name.removesuffix("_FILE") for name in names}


def _names(given: set[str], *, left_out: set[str]) -> list[str]:
    return [
        name
        for name in PARTS
        if name not in left_out and not (name in _REPLACED_BY and given.issuperset(_REPLACED_BY[name]))
    ]


@dataclass(frozen=True)
class _Maker:
    """A method per part, named as the part."""

    data_dir: Path
    names: list[str]
    ports: dict[str, str]
    addresses: dict[str, str]
    environment: dict[str, str]
    secrets: dict[str, str]
    dial_plan: str

    def postgres(self) -> Part:
        target = postgres.cluster(self.data_dir)
        postgres.prepare(target)
        return Part(
            name="postgres",
            command=postgres.serve_command(target),
            answers=lambda: postgres.is_ready(target),
            address=self.addresses.get("DATABASE_URL", ""),
            tier=_STORES,
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            user=str(postgres.as_own_user().get("user", "-")),
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    def valkey(self) -> Part:
        servers.prepare_valkey(self.data_dir)
        path = servers.valkey_socket(self.data_dir)
        return Part(
            name="valkey",
            command=servers.valkey_command(self.data_dir),
            answers=lambda: probes.valkey_answers(path),
            address=str(path),
            tier=_STORES,
            environment={"PATH": "/usr/bin:/bin"},
        )

    def temporal(self) -> Part:
        (self.data_dir / "temporal").mkdir(mode=0o700, exist_ok=True)
        http_port = self.ports["TEMPORAL_HTTP_PORT"]
        return Part(
            name="temporal",
            command=servers.temporal_command(
                self.data_dir,
                port=self.ports["TEMPORAL_PORT"],
                http_port=http_port,
                ui_port=self.ports["TEMPORAL_UI_PORT"],
            ),
            answers=lambda: probes.http_answers(int(http_port), "/api/v1/namespaces/default", expected=200),
            address=f"127.0.0.1:{self.ports['TEMPORAL_PORT']}, pages {self.addresses['TEMPORAL_UI_URL']}",
            tier=_STORES,
            environment={"PATH": "/usr/bin:/bin", "HOME": str(self.data_dir / "temporal")},
        )

    def inbox(self) -> Part:
        http_port, smtp_port = self.ports["INBOX_PORT"], self.ports["SMTP_PORT"]
        return self._python(
            "inbox",
            ["devstack.inbox", "--http-port", http_port, "--smtp-port", smtp_port],
            ["--data", str(self.data_dir / "inbox")],
            answers=lambda: (
                probes.smtp_answers(int(smtp_port)) and probes.http_answers(int(http_port), "/livez", expected=200)
            ),
            address=f"http://127.0.0.1:{http_port}, SMTP 127.0.0.1:{smtp_port}",
            tier=_SERVICES,
        )

    def issuer(self) -> Part:
        return self._of_stripe_api("issuer", ISSUER_WEBHOOK_PATH)

    def payments(self) -> Part:
        return self._of_stripe_api("payments", PAYMENTS_WEBHOOK_PATH)

    def _of_stripe_api(self, name: str, webhook_path: str) -> Part:
        """A simulator of one of Stripe's APIs, whose variables are named after it."""
        port = self.ports[f"{name.upper()}_PORT"]
        public = self.environment.get("PUBLIC_URL", "http://127.0.0.1:8000")
        return self._python(
            name,
            [f"devstack.{name}", "--port", port, "--data", str(self.data_dir / name)],
            ["--webhook-url", public.rstrip("/") + webhook_path],
            answers=lambda: probes.http_answers(int(port), "/healthz", expected=200),
            address=f"http://127.0.0.1:{port}",
            tier=_SERVICES,
            extra={key: self.secrets[key] for key in (f"{name.upper()}_KEY", f"{name.upper()}_WEBHOOK_SECRET")},
        )

    def updater(self) -> Part:
        port = self.ports["UPDATER_PORT"]
        return self._python(
            "updater",
            ["devstack.updater", "--port", port, "--data", str(self.data_dir / "updater")],
            ["--public-url", self.environment.get("PUBLIC_URL", "http://127.0.0.1:8000")],
            answers=lambda: probes.http_answers(int(port), "/healthz", expected=200),
            address=f"http://127.0.0.1:{port}",
            tier=_SERVICES,
            extra={"UPDATER_SECRET": self.secrets["UPDATER_SECRET"]},
        )

    def registry(self) -> Part:
        port, control = self.ports["REGISTRY_PORT"], self.ports["REGISTRY_CONTROL_PORT"]
        return self._python(
            "registry",
            ["devstack.registry", "--epp-port", port, "--control-port", control],
            ["--data", str(self.data_dir.resolve() / "registry")],
            answers=lambda: probes.http_answers(int(control), "/healthz", expected=200),
            address=f"127.0.0.1:{port}, http://127.0.0.1:{control}",
            tier=_SERVICES,
            extra={"REGISTRY_PASSWORD": self.secrets["REGISTRY_PASSWORD"]},
        )

    def telephony(self) -> Part:
        port = self.ports["TELEPHONY_PORT"]
        return self._python(
            "telephony",
            ["devstack.telephony", "--port", port, "--data", str(self.data_dir / "telephony")],
            answers=lambda: probes.http_answers(int(port), "/healthz", expected=200),
            address=f"http://127.0.0.1:{port}",
            tier=_SERVICES,
            extra={"TELEPHONY_TOKEN": self.secrets["TELEPHONY_TOKEN"]},
        )

    def voice(self) -> Part:
        """As an orphan it is killed: nobody would follow its calls."""
        voice.prepare(self.data_dir)
        port, sip = self.ports["VOICE_CONTROL_PORT"], self.ports["VOICE_SIP_PORT"]
        environment = voice.environment(
            self.data_dir, stack=self.environment, secrets=self.secrets, sip_port=sip, dial_plan=self.dial_plan
        )
        return Part(
            name="voice",
            command=[sys.executable, "-m", "backoffice.voice"],
            answers=lambda: probes.http_answers(int(port), "/healthz", expected=200),
            address=f"SIP 127.0.0.1:{sip}, commands http://127.0.0.1:{port}",
            tier=_SERVICES,
            environment={**environment, "VOICE_CALLER": addresses.OUR_NUMBER},
            folder=BASE_DIR,
            orphan_signal=signal.SIGKILL,
        )

    def prepare(self) -> Part:
        return self._python(
            "prepare",
            ["devstack.prepare"],
            answers=lambda: False,
            address="migrations",
            tier=_PREPARATION,
            needs=("postgres",),
            job=True,
        )

    def web(self) -> Part:
        port = self.ports[ports.WEB]
        return self._python(
            "web",
            ["gunicorn", "backoffice.wsgi", "--bind", f"127.0.0.1:{port}", "--preload", "--no-control-socket"],
            ["--worker-class", "gthread", "--workers", "2", "--threads", "8"],
            ["--timeout", "60", "--graceful-timeout", "8", "--keep-alive", "5"],
            ["--limit-request-line", "8190", "--limit-request-fields", "60", "--limit-request-field_size", "8190"],
            answers=lambda: probes.http_answers(int(port), "/livez"),
            address=f"http://127.0.0.1:{port}",
            needs=("prepare", "valkey"),
        )

    def worker(self) -> Part:
        return self._announcing(
            "worker",
            [str(BASE_DIR / "manage.py"), "temporal_worker"],
            address=self.environment.get("TEMPORAL_ADDRESS", ""),
            needs=("prepare", "temporal"),
            module=False,
            grace=20.0,
        )

    def celery(self) -> Part:
        return self._announcing(
            "celery",
            ["celery", "-A", "backoffice.celery", "worker", "--pool", "prefork", "--concurrency", "2"],
            ["--loglevel", "INFO", "--without-gossip", "--without-mingle"],
            address=_without_password(self.environment.get("CELERY_BROKER_URL", "")),
            needs=("prepare", "valkey"),
            grace=20.0,
        )

    def beat(self) -> Part:
        return self._announcing(
            "beat",
            ["celery", "-A", "backoffice.celery", "beat", "--loglevel", "INFO", "--pidfile="],
            ["--schedule", str(self.data_dir / "run" / "beat-schedule")],
            address=_without_password(self.environment.get("CELERY_BROKER_URL", "")),
            needs=("prepare", "valkey"),
        )

    def intake(self) -> Part:
        port = self.ports["MAIL_INTAKE_PORT"]
        return self._python(
            "intake",
            [str(BASE_DIR / "manage.py"), "receive_mail", "--port", port],
            module=False,
            answers=lambda: probes.smtp_answers(int(port)),
            address=f"SMTP 127.0.0.1:{port}",
            needs=("prepare",),
        )

    def publisher(self) -> Part:
        return self._announcing(
            "publisher",
            [str(BASE_DIR / "manage.py"), "publish_calls"],
            module=False,
            address=_without_password(self.environment.get("CACHE_URL", "")),
            needs=("prepare", "valkey"),
        )

    def streams(self) -> Part:
        """Without a database, to which nothing in it may come."""
        port = self.ports["LIVE_PORT"]
        return self._python(
            "streams",
            ["uvicorn", "--factory", "backoffice.telephony.live.asgi:build", "--port", port, "--backlog", "4096"],
            ["--ws", "none", "--no-access-log", "--no-proxy-headers", "--no-server-header", "--log-level", "warning"],
            ["--timeout-graceful-shutdown", "1"],
            answers=lambda: probes.http_answers(int(port), "/live/healthz", expected=200),
            address=f"http://127.0.0.1:{port}",
            needs=("valkey",),
            extra={"DATABASE_URL": "django.db.backends.dummy:///none"},
        )

    def _announcing(self, name: str, *arguments: list[str], module: bool = True, **other: Any) -> Part:
        """A part that works on queues. If its stores are gone too, it could not end cleanly, so as an orphan it is
        killed."""
        ready = self.data_dir / "run" / f"{name}.ready"
        extra = {readiness.VARIABLE: str(ready)}
        return self._python(
            name, *arguments, module=module, answers=ready.exists, ready_file=ready, extra=extra,
            orphan_signal=signal.SIGKILL, **other,
        )  # fmt: skip

    def _python(
        self,
        name: str,
        *arguments: list[str],
        module: bool = True,
        needs: Iterable[str] = (),
        tier: int = _PRODUCT,
        extra: Mapping[str, str] | None = None,
        **other: Any,
    ) -> Part:
        command = [sys.executable, *(["-m"] if module else []), *(word for words in arguments for word in words)]
        return Part(
            name=name,
            command=command,
            tier=tier,
            needs=tuple(needed for needed in needs if needed in self.names),
            environment={**self.environment, **(extra or {})},
            folder=BASE_DIR,
            **other,
        )


def _without_password(url: str) -> str:
    found = urlsplit(url)
    return url.replace(f":{found.password}@", ":…@") if found.password else url
