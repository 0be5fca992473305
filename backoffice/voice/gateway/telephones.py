"""One telephone in a conversation: its call by SIP, and its sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from backoffice.voice.contract import Dial, Role, TelephoneState, Why
from backoffice.voice.gateway.switchboard import Switchboard
from backoffice.voice.media.agreed import Agreed, SrtpKeys
from backoffice.voice.media.agreed import Codec as MediaCodec
from backoffice.voice.media.legs import Leg
from backoffice.voice.sip.calls import Call, Ending
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.sdp import Agreement, Negotiation

SILENT_FOR = timedelta(seconds=20)
"""Without a single packet, though it should send: the line has dropped without a word."""
LONGEST_PROMPT = 30.0
"""Seconds that a prompt may keep us from hanging up."""
UNDER_WAY = 0.2
"""Seconds that the last of a prompt may take until it is heard: a BYE would overtake it."""
_BUSY = frozenset({486, 600})
_NO_ANSWER = frozenset({408, 480, 487})


class Telephone:
    """`on_change` is called at each change of `state`. It is over once, for a reason, and its sound is closed then.
    `dial` is the command by which it was called, None for one that called us; `began_at` is UTC."""

    def __init__(
        self, role: Role, leg: Leg, *, on_change: Callable[[Telephone], None], dial: Dial | None = None
    ) -> None:
        self.role = role
        self.leg = leg
        self.dial = dial
        self.began_at = datetime.now(UTC)
        self.answered = False
        self.state = TelephoneState.CALLING
        self.why: Why | None = None
        self._on_change = on_change
        self._call: Call | None = None
        self._ring_alarm: asyncio.TimerHandle | None = None
        self._gave_up: Why | None = None
        self._is_held = False
        self._closing: asyncio.Task[None] | None = None
        leg.quiet_after = SILENT_FOR
        leg.on_quiet = self._lost

    @classmethod
    async def dialled(
        cls,
        dial: Dial,
        switchboard: Switchboard,
        *,
        on_change: Callable[[Telephone], None],
        beside: Leg | None = None,
    ) -> Telephone:
        """Starts to ring a number; `beside` is the leg of the other telephone. Raises `NoWay`, `PortsExhausted`."""
        ways = await switchboard.dial_plan.ways(dial.number)
        leg = await Leg.open(switchboard.ports, switchboard.clock, beside=beside)
        telephone = cls(dial.role, leg, on_change=on_change, dial=dial)
        call = switchboard.agent.call_by(
            ways, negotiation=switchboard.negotiation(leg.port), account=switchboard.account
        )
        telephone._follow(call)
        call.on_ringing = telephone._rings
        call.on_answered = telephone._up
        telephone._ring_alarm = asyncio.get_running_loop().call_later(dial.ring_for, telephone._give_up, Why.NO_ANSWER)
        call.start()
        return telephone

    @classmethod
    async def arrived(
        cls, call: IncomingCall, switchboard: Switchboard, *, on_change: Callable[[Telephone], None]
    ) -> Telephone:
        """A customer who rings, and is not answered yet. Raises `PortsExhausted`."""
        leg = await Leg.open(switchboard.ports, switchboard.clock)
        telephone = cls(Role.CUSTOMER, leg, on_change=on_change)
        telephone.state = TelephoneState.RINGING
        telephone._follow(call)
        return telephone

    @property
    def is_up(self) -> bool:
        return self.state is TelephoneState.UP

    def answer(self, negotiation: Negotiation) -> bool:
        """Takes a call that came in. False if it is over, or cannot be agreed with."""
        call = self._call
        if not isinstance(call, IncomingCall) or not call.accept(negotiation):
            return False
        self._up()
        return True

    def hang_up(self, *, after_prompt: bool = False) -> None:
        """Ends it: at once, or when they have heard the end of what is being said."""
        playing = self.leg.playing
        if not after_prompt or playing is None:
            self._give_up(Why.ENDED)
            return
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(LONGEST_PROMPT, self._give_up, Why.ENDED)

        def ends(_over: asyncio.Future[bool]) -> None:
            alarm.cancel()
            loop.call_later(UNDER_WAY, self._give_up, Why.ENDED)

        playing.over.add_done_callback(ends)

    async def closed(self) -> None:
        """Waits until its sound is closed."""
        if self._closing is not None:
            await self._closing

    def _follow(self, call: Call) -> None:
        self._call = call
        call.on_agreement = self._agree
        call.on_over = self._over

    def _agree(self, agreement: Agreement) -> None:
        self._is_held = not agreement.sends
        keys = SrtpKeys(agreement.our_key, agreement.their_key) if agreement.their_key else None
        self.leg.agree(
            Agreed(
                remote=agreement.remote,
                codec=MediaCodec(agreement.codec.value),
                events=agreement.events,
                sends=agreement.sends,
                takes=agreement.takes,
                srtp=keys,
            )
        )

    def _rings(self) -> None:
        if self.state is TelephoneState.CALLING:
            self._become(TelephoneState.RINGING)

    def _up(self) -> None:
        self._drop_alarm()
        self.answered = True
        self._become(TelephoneState.UP)

    def _lost(self) -> None:
        """Who holds us may send nothing for as long as they like."""
        if not self._is_held:
            self._give_up(Why.LOST)

    def _give_up(self, why: Why) -> None:
        """Hangs up, for a reason of ours. A call that is not answered ends once the other side has said so."""
        if self.state is TelephoneState.OVER or self._call is None:
            return
        self._gave_up = self._gave_up or why
        self._call.hang_up()

    def _over(self, ending: Ending) -> None:
        self._drop_alarm()
        self.why = self._gave_up or _why(ending, self._call.status if self._call else 0, was_up=self.is_up)
        self._closing = asyncio.get_running_loop().create_task(self.leg.close())
        self._become(TelephoneState.OVER)

    def _drop_alarm(self) -> None:
        if self._ring_alarm is not None:
            self._ring_alarm.cancel()
            self._ring_alarm = None

    def _become(self, state: TelephoneState) -> None:
        self.state = state
        self._on_change(self)


def _why(ending: Ending, status: int, *, was_up: bool) -> Why:
    if ending in (Ending.BY_THEM, Ending.CANCELLED):
        return Why.HUNG_UP
    if ending is Ending.BY_US:
        return Why.ENDED
    if ending is Ending.NO_RESPONSE:
        return Why.LOST if was_up else Why.FAILED
    if ending is Ending.REFUSED and status in _BUSY:
        return Why.BUSY
    if ending is Ending.REFUSED and status in _NO_ANSWER:
        return Why.NO_ANSWER
    return Why.REFUSED if ending is Ending.REFUSED and status in (403, 603, 607) else Why.FAILED
