"""Puts a gateway together from its options, and serves until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from backoffice.voice.contract import Failure
from backoffice.voice.gateway.control import Control
from backoffice.voice.gateway.events import Outbox, Poster
from backoffice.voice.gateway.gateway import Gateway
from backoffice.voice.gateway.options import Options
from backoffice.voice.gateway.proving import Signer
from backoffice.voice.gateway.secrets_in_memory import forbid_core_files
from backoffice.voice.gateway.switchboard import Switchboard
from backoffice.voice.gateway.tokenising import StripeTokens
from backoffice.voice.gateway.trunks import asking_trunks
from backoffice.voice.media.clock import Clock
from backoffice.voice.media.ports import Ports
from backoffice.voice.media.recording import Recorder
from backoffice.voice.sip.hops import Hop
from backoffice.voice.sip.messages import Message
from backoffice.voice.sip.timers import Timers
from backoffice.voice.sip.transports import Transports
from backoffice.voice.sip.user_agent import Peers, UserAgent
from backoffice.voice.speech import recordings
from backoffice.voice.speech.kept import KeptSounds
from backoffice.voice.speech.prompts import Prompts
from backoffice.voice.speech.speaking import Speaker, SpeakerFailed

log = logging.getLogger(__name__)
FORGETS_EVERY = 3600.0
"""Seconds between two looks for spoken texts that are too old to be kept."""


@dataclass(frozen=True)
class Running:
    """A gateway that serves."""

    gateway: Gateway
    switchboard: Switchboard
    transports: Transports


@contextlib.asynccontextmanager
async def running(options: Options, *, timers: Timers | None = None) -> AsyncIterator[Running]:
    """Everything but the HTTP server. Raises `OSError`, `ssl.SSLError`, `ValueError`, `BadRecordings` and
    `SpeakerFailed` for what cannot be used."""
    instance = uuid.uuid4().hex
    peers = Peers(options.peers)
    agent: UserAgent

    def takes(message: Message, source: Hop) -> None:
        agent.take(message, source)

    transports = Transports(options.listening, takes=takes, admits=peers.admits)
    agent = UserAgent(transports, peers=peers, timers=timers, user=options.caller)
    speaker, clock = Speaker(), Clock()
    post = Poster(options.events_url, options.events_secret)

    failures: Counter[Failure] = Counter()

    def outbox(conversation: str) -> Outbox:
        return Outbox(post, instance=instance, conversation=conversation, failures=failures)

    recorder = Recorder(options.recordings) if options.recordings else None
    recorded = recordings.load(options.recorded_prompts) if options.recorded_prompts else None
    switchboard = Switchboard(
        instance=instance,
        agent=agent,
        clock=clock,
        ports=Ports(options.listening.host, *options.media_ports),
        prompts=Prompts(speaker, KeptSounds(options.prompts), recordings=recorded),
        tokeniser=StripeTokens(options.payments_url, options.payments_key),
        signer=Signer.from_file(options.signing_key),
        dial_plan=options.dial_plan,
        media_address=options.listening.public or options.listening.host,
        secrecy=options.secrecy,
        outbox=outbox,
        account=options.account,
        recorder=recorder,
        failures=failures,
    )
    gateway = Gateway(switchboard)
    try:
        for language in options.languages:
            await switchboard.prompts.prepare(language)
        await switchboard.prompts.forget_old()
        await transports.start()
        clock.start()
        async with _forgetting(switchboard.prompts), asking_trunks(agent, options.dial_plan):
            yield Running(gateway, switchboard, transports)
    finally:
        await gateway.stop()
        clock.stop()
        if recorder is not None:
            await asyncio.to_thread(recorder.close)
        agent.transactions.end_all()
        await transports.stop()
        await speaker.close()
        post.close()


@contextlib.asynccontextmanager
async def _forgetting(prompts: Prompts) -> AsyncIterator[None]:
    """Spoken texts that are too old go, as long as the context lasts."""

    async def forget() -> None:
        while True:
            await asyncio.sleep(FORGETS_EVERY)
            try:
                await prompts.forget_old()
            except (SpeakerFailed, OSError) as error:
                log.error("old spoken texts are kept until the next hour: %s", type(error).__name__)

    task = asyncio.create_task(forget())
    try:
        yield
    finally:
        task.cancel()


def app(options: Options) -> Starlette:
    """The ASGI application; the gateway runs while it does."""
    control = Control(secret=options.control_secret)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with running(options) as it:
            control.gateway, control.sip_refused = it.gateway, it.transports.refused
            yield

    return control.app(lifespan)


def serve(options: Options) -> None:
    """Serves until SIGTERM or SIGINT, and then hangs up everywhere."""
    forbid_core_files()
    logging.getLogger("aiosipua").setLevel(logging.ERROR)  # it tells of each datagram whose length is wrong
    host, port = options.control
    tls = options.control_tls
    uvicorn.run(
        app(options),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        ssl_ca_certs=str(tls.authority) if tls else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if tls else ssl.CERT_NONE,
        timeout_graceful_shutdown=3,
    )
