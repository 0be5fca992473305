"""One conversation: up to two telephones, and what is done with them, one command after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime

from backoffice.voice.contract import (
    JOINED_FOR,
    Answered,
    Arrived,
    Ask,
    Asked,
    AskedEnd,
    Capture,
    Dial,
    Failure,
    HangUp,
    Left,
    PromptOver,
    Ringing,
    Role,
    Say,
    State,
    TelephoneState,
    Why,
)
from backoffice.voice.contract import Telephone as TelephoneTold
from backoffice.voice.gateway.asking import Asking, GivenUp
from backoffice.voice.gateway.capturing import Capturing
from backoffice.voice.gateway.dial_plan import NoWay
from backoffice.voice.gateway.events import Outbox
from backoffice.voice.gateway.keying import Form, Stopped
from backoffice.voice.gateway.ringing import RINGING_TONE
from backoffice.voice.gateway.secrets_in_memory import SecretBytes
from backoffice.voice.gateway.switchboard import Switchboard
from backoffice.voice.gateway.telephones import Telephone
from backoffice.voice.media.bridges import Bridge
from backoffice.voice.media.legs import Silenced
from backoffice.voice.media.ports import PortsExhausted
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.speech.prompts import Prompt
from backoffice.voice.speech.speaking import SpeakerFailed, TextRefused
from backoffice.voice.speech.words.language import Language, NoWords

log = logging.getLogger(__name__)
IDLE_FOR = 60.0
"""Seconds after which a conversation is ended for which nothing is asked any more, and in which nothing goes on: the
back office may have forgotten it. Where two talk, it is `JOINED_FOR`."""
ANSWERED_WITHIN = 10.0
"""Seconds in which the back office must answer a call that comes in."""
MOST_ASKED = 32


class CannotDo(Exception):
    """A command does not fit the state of the conversation. The text is a code."""


class Conversation:
    """`on_over` is called when the last telephone has left. Commands raise `CannotDo`, `NoWay` and `PortsExhausted`,
    and then nothing has changed."""

    def __init__(self, id: str, switchboard: Switchboard, *, on_over: Callable[[Conversation], None]) -> None:
        self.id = id
        self.outbox: Outbox = switchboard.outbox(id)
        self._switchboard = switchboard
        self._on_over = on_over
        self._telephones: dict[Role, Telephone] = {}
        self._bridge: Bridge | None = None
        self._doing: dict[Role, asyncio.Task[None]] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._putting_through = False
        self._taking: asyncio.Task[None] | None = None
        """While keys are taken from the customer, whom nobody may be joined with then."""

    @property
    def is_empty(self) -> bool:
        """Whether nobody has ever been in it."""
        return not self._telephones

    @property
    def is_over(self) -> bool:
        return not self.telephones

    @property
    def telephones(self) -> Collection[Telephone]:
        """Those that have not left."""
        return [one for one in self._telephones.values() if one.state is not TelephoneState.OVER]

    def state(self) -> State:
        """As it is now."""
        told = [
            TelephoneTold(role=one.role, state=one.state, answered=one.answered, why=one.why)
            for one in self._telephones.values()
        ]
        return State(
            instance=self._switchboard.instance,
            conversation=self.id,
            telephones=tuple(told),
            joined=self._bridge is not None,
            cut=self._bridge is not None and self._bridge.is_cut,
            events=self.outbox.number,
        )

    async def dial(self, command: Dial) -> None:
        """Rings a number for a role that nobody has now."""
        if (there := self._telephones.get(command.role)) and there.state is not TelephoneState.OVER:
            raise CannotDo("there_already")
        other = self._telephones.get(command.role.other)
        self._telephones[command.role] = await Telephone.dialled(
            command, self._switchboard, on_change=self._changed, beside=other.leg if other is not None else None
        )

    def has_dialled(self, number: str, *, since: datetime) -> bool:
        """Whether this number was called since then."""
        return any(
            one.dial is not None and one.dial.number == number and one.began_at >= since
            for one in self._telephones.values()
        )

    async def arrives(self, call: IncomingCall) -> None:
        """A customer rings us."""
        self._telephones[Role.CUSTOMER] = await Telephone.arrived(call, self._switchboard, on_change=self._changed)
        self.outbox.tell(Arrived(called=call.called[:40], caller=call.caller[:40]))
        self.watch(ANSWERED_WITHIN)

    def answer(self) -> None:
        """Takes the call that came in."""
        telephone = self._there(Role.CUSTOMER, TelephoneState.RINGING)
        if not telephone.answer(self._switchboard.negotiation(telephone.leg.port)):
            raise CannotDo("over")

    def refuse(self) -> None:
        """Does not take it."""
        self._there(Role.CUSTOMER, TelephoneState.RINGING).hang_up()

    def join(self) -> None:
        """Both hear each other. Not while something is taken from the customer, as from one whose agent was lost."""
        if self._bridge is None:
            if self._taking is not None and not self._taking.done():
                raise CannotDo("busy")
            legs = [self._there(role, TelephoneState.UP).leg for role in (Role.AGENT, Role.CUSTOMER)]
            self._bridge = Bridge(*legs)
            for leg in legs:
                leg.stop_playing()

    def part(self) -> None:
        """Both stay, and hear nothing of each other. Not while something is taken from the customer; if the agent is
        still cut off afterwards, because a key was held down, this is how to join both again."""
        if self._bridge is not None and self._bridge.is_cut:
            self._free(Role.CUSTOMER)
        self._close_bridge()

    async def say(self, command: Say) -> None:
        """Says a text to one of them. Raises `TextRefused`, `SpeakerFailed`."""
        self._free(command.role)
        prompt = Prompt(self._language(command.language), (command.text,))
        try:
            sound = await self._switchboard.prompts.audio(prompt)
        except SpeakerFailed:
            self._switchboard.failures[Failure.VOICE] += 1
            raise
        telephone = self._free(command.role)
        try:
            playing = telephone.leg.play(sound)
        except Silenced:
            raise CannotDo("cut") from None

        async def tell() -> None:
            whole = False
            try:
                whole = await playing.ended()
            finally:
                self.outbox.tell(PromptOver(key=command.key, whole=whole))

        self._begin(command.role, tell())

    def ask(self, command: Ask) -> None:
        """Asks the customer for digits that are no secret."""
        telephone = self._free(Role.CUSTOMER)
        if self._bridge is not None:
            raise CannotDo("joined")
        asking = Asking(telephone.leg, self._switchboard.prompts, self._language(command.language))
        self._taking = self._begin(Role.CUSTOMER, self._ask(asking, command))

    def capture(self, command: Capture) -> None:
        """Takes what the customer pays with."""
        customer = self._free(Role.CUSTOMER)
        agent = self._telephones.get(Role.AGENT)
        has_agent = agent is not None and agent.is_up
        if has_agent and self._bridge is None and not command.join:
            raise CannotDo("not_joined")
        if self._bridge is not None and self._bridge.is_cut:
            raise CannotDo("cut")
        self._language(command.language)
        if has_agent:
            self.join()
        capturing = Capturing(
            command,
            self._switchboard,
            customer=customer.leg,
            agent=agent.leg if agent is not None and has_agent else None,
            bridge=self._bridge,
            tell=self.outbox.tell,
        )
        capturing.cut_off()
        self._taking = self._begin(Role.CUSTOMER, capturing.run())

    def hang_up(self, command: HangUp) -> None:
        """Ends one telephone's part, or all."""
        for role in [command.role] if command.role is not None else list(self._telephones):
            if (telephone := self._telephones.get(role)) is not None:
                telephone.hang_up(after_prompt=command.after_prompt)

    def end(self) -> None:
        """Ends it for everybody, as when the gateway stops."""
        for telephone in self._telephones.values():
            telephone.hang_up()

    async def closed(self) -> None:
        """Waits until nothing of it is under way."""
        await asyncio.gather(*self._doing.values(), return_exceptions=True)
        for telephone in self._telephones.values():
            await telephone.closed()

    async def _ask(self, asking: Asking, command: Ask) -> None:
        digits, why = None, AskedEnd.HUNG_UP
        try:
            with SecretBytes(MOST_ASKED + 1) as typed:
                await asking.digits(typed, _form(command), command.text, tries=command.tries, whole=command.whole)
                with typed.view() as content:
                    digits, why = bytes(content).decode(), AskedEnd.KEYED
        except Stopped:
            why = AskedEnd.STAR
        except GivenUp as given_up:
            why = AskedEnd.SILENT if given_up.silent else AskedEnd.WRONG
        except (SpeakerFailed, TextRefused) as error:
            log.warning("a question could not be asked: %s", type(error).__name__)
            self._switchboard.failures[Failure.VOICE] += 1
            why = AskedEnd.UNSAID
        except Exception:
            why = AskedEnd.UNSAID  # a fault of ours: nobody hung up
            raise
        finally:
            self.outbox.tell(Asked(key=command.key, digits=digits, why=why))

    def _free(self, role: Role) -> Telephone:
        """The telephone, on which nothing is being said or asked."""
        telephone = self._there(role, TelephoneState.UP)
        doing = self._doing.get(role)
        if doing is not None and not doing.done():
            raise CannotDo("busy")
        return telephone

    def _begin(self, role: Role, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._doing[role] = task
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("something asked of a telephone failed", exc_info=error)
        self.watch()

    def _there(self, role: Role, state: TelephoneState) -> Telephone:
        telephone = self._telephones.get(role)
        if telephone is None or telephone.state is not state:
            is_coming = telephone is not None and telephone.state in (TelephoneState.CALLING, TelephoneState.RINGING)
            raise CannotDo("not_up" if is_coming and state is TelephoneState.UP else f"no_{role}")
        return telephone

    @staticmethod
    def _language(code: str) -> Language:
        try:
            return Language.of(code)
        except NoWords:
            raise CannotDo("language") from None

    def _changed(self, telephone: Telephone) -> None:
        if telephone.state is TelephoneState.RINGING:
            self.outbox.tell(Ringing(role=telephone.role))
        elif telephone.state is TelephoneState.UP:
            self._record(telephone)
            self.outbox.tell(Answered(role=telephone.role))
            self._put_through(telephone)
        elif telephone.state is TelephoneState.OVER:
            self._left(telephone)

    def _put_through(self, telephone: Telephone) -> None:
        """Rings whom the answering one is to speak with, or joins both when that one is there."""
        if telephone.dial is not None and telephone.dial.then:
            onward = Dial(
                key=f"{telephone.dial.key}:then",
                conversation=self.id,
                role=telephone.role.other,
                number=telephone.dial.then,
                ring_for=telephone.dial.ring_for,
            )
            self._putting_through = True
            self._begin(telephone.role, self._ring_onward(onward, telephone))
        elif self._putting_through:
            self.join()

    async def _ring_onward(self, onward: Dial, waiting: Telephone) -> None:
        """The one who waits hears that it rings, until the other one answers or will not come."""
        try:
            await self.dial(onward)
        except (CannotDo, NoWay, PortsExhausted) as error:
            log.warning("nobody can be put through: %s", error)
            self.end()
            return
        while self._bridge is None and waiting.is_up:
            await waiting.leg.play(RINGING_TONE).over

    def _record(self, telephone: Telephone) -> None:
        if self._switchboard.recorder is not None:
            telephone.leg.record(self._switchboard.recorder.begin(f"{self.id}-{telephone.role}.wav"))

    def _left(self, telephone: Telephone) -> None:
        self._close_bridge()
        self._switchboard.sound_refused.update(telephone.leg.ignored)
        doing = self._doing.get(telephone.role)
        if doing is not None:
            doing.cancel()
        self.outbox.tell(Left(role=telephone.role, why=telephone.why or Why.ENDED, answered=telephone.answered))
        self.watch()
        if self.is_over:
            self._on_over(self)
        elif self._putting_through:
            self.end()

    def _close_bridge(self) -> None:
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None

    def watch(self, seconds: float | None = None) -> None:
        """Ends it if it is idle for so long."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self.is_over or any(not task.done() for task in self._doing.values()):
            return
        wait = seconds or (JOINED_FOR if self._bridge is not None else IDLE_FOR)
        self._alarm = asyncio.get_running_loop().call_later(wait, self.end)


def _form(command: Ask) -> Form:
    if command.choices:
        lengths = [len(choice) for choice in command.choices]
        allowed = {choice.encode() for choice in command.choices}
        return Form(min(lengths), max(lengths), command.seconds, lambda digits: bytes(digits) in allowed)
    return Form(command.least, min(command.most, MOST_ASKED), command.seconds)
