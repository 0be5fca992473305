"""The gateway: takes commands, gives each conversation its own, and knows what was done already."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter, OrderedDict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from backoffice.voice.contract import (
    INCOMING,
    Answer,
    Ask,
    Capture,
    Command,
    Counts,
    Dial,
    Failure,
    HangUp,
    Join,
    Part,
    Refusal,
    Refuse,
    Say,
    State,
)
from backoffice.voice.gateway.conversations import CannotDo, Conversation
from backoffice.voice.gateway.dial_plan import NoWay
from backoffice.voice.gateway.switchboard import Switchboard
from backoffice.voice.media.ports import PortsExhausted
from backoffice.voice.sip.calls import CallState
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.speech.speaking import SpeakerFailed, TextRefused

log = logging.getLogger(__name__)
KEPT_FOR = 600.0
"""Seconds for which a conversation that is over can still be asked about."""
MOST_KEPT = 2_000
"""Of these, the newest: who rings and hangs up without end must not fill our memory."""
MOST_CONVERSATIONS = 500
"""At once."""
MOST_INCOMING = 200
"""Of these: whoever floods us with calls must not take the room of those that we make."""
MOST_DONE = 20_000
"""Commands whose outcome is remembered."""


class Gateway:
    """All conversations. One task at a time works on each."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._began_at = datetime.now(UTC)
        self._conversations: dict[str, Conversation] = {}
        self._going_on: set[str] = set()
        self._over_since: OrderedDict[Conversation, asyncio.TimerHandle] = OrderedDict()
        """Those that are over, the longest first, with the timer that forgets each."""
        self._done: OrderedDict[str, tuple[Command, asyncio.Future[State | Refusal]]] = OrderedDict()
        self._turns: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        switchboard.agent.on_call = self._take_call

    @property
    def conversations(self) -> Mapping[str, Conversation]:
        return self._conversations

    async def do(self, command: Command) -> State | Refusal:
        """Does a command once, however often it comes with its key, and answers with the state as it is then; the same
        key for another command is refused. One that was refused was not done, and is tried anew."""
        known = self._done.get(command.key)
        if known is not None:
            return await self._again(command, *known)
        outcome: asyncio.Future[State | Refusal] = asyncio.get_running_loop().create_future()
        self._done[command.key] = command, outcome
        while len(self._done) > MOST_DONE:
            self._done.popitem(last=False)
        try:
            outcome.set_result(await self._done_now(command))
        except BaseException:
            self._done.pop(command.key, None)
            outcome.cancel()
            raise
        if isinstance(outcome.result(), Refusal):
            self._done.pop(command.key, None)
        return outcome.result()

    async def _again(
        self, command: Command, known: Command, outcome: asyncio.Future[State | Refusal]
    ) -> State | Refusal:
        if known != command:
            return Refusal(code="other_command")
        done = await asyncio.shield(outcome)
        found = self._conversations.get(command.conversation)
        return found.state() if found is not None and isinstance(done, State) else done

    def look(self, conversation: str) -> State | Refusal:
        """Its state; refused with `unknown` if this gateway does not know it."""
        found = self._conversations.get(conversation)
        return found.state() if found is not None else Refusal(code="unknown")

    def find(self, number: str, *, since: datetime, known: Collection[str]) -> State | Refusal:
        """The newest conversation in which this number was dialled; refused with `unknown` if there is none."""
        found = [
            one for one in self._conversations.values() if one.id not in known and one.has_dialled(number, since=since)
        ]
        return found[-1].state() if found else Refusal(code="unknown")

    def counts(self, *, refused: Mapping[str, int], sip_refused: Mapping[str, int]) -> Counts:
        """How it does; the caller knows which commands and messages never came here."""
        telephones = [one for conversation in self._conversations.values() for one in conversation.telephones]
        switchboard = self._switchboard
        sound_refused = switchboard.sound_refused.copy()
        for telephone in telephones:
            sound_refused.update(telephone.leg.ignored)
        return Counts(
            instance=switchboard.instance,
            since=self._began_at,
            conversations=sum(not one.is_over for one in self._conversations.values()),
            telephones=len(telephones),
            frames=switchboard.clock.frames,
            late_frames=switchboard.clock.late_frames,
            refused=refused,
            sip_refused=Counter(sip_refused) + switchboard.agent.refused,
            sound_refused=sound_refused,
            failures=switchboard.failures
            + Counter(
                {
                    Failure.LEG: switchboard.clock.failures,
                    Failure.RECORDING: switchboard.recorder.lost if switchboard.recorder is not None else 0,
                }
            ),
        )

    async def stop(self) -> None:
        """Hangs up everywhere, and waits until that is said."""
        conversations = list(self._conversations.values())
        for conversation in conversations:
            conversation.end()
        for conversation in conversations:
            await conversation.closed()
            await conversation.outbox.close()
        for task in list(self._tasks):
            task.cancel()

    async def _done_now(self, command: Command) -> State | Refusal:
        if command.conversation not in self._conversations and not isinstance(command, Dial):
            return Refusal(code="unknown")
        async with self._turns.setdefault(command.conversation, asyncio.Lock()):
            try:
                conversation = self._conversation(command)
            except CannotDo as refused:
                if command.conversation not in self._conversations:
                    self._turns.pop(command.conversation, None)
                return Refusal(code=str(refused))
            refusal = await _tried(conversation, command)
            conversation.watch()
            if conversation.is_empty:
                self._forget(conversation)
            return refusal or conversation.state()

    def _conversation(self, command: Command) -> Conversation:
        found = self._conversations.get(command.conversation)
        if found is None and isinstance(command, Dial):
            return self._open(command.conversation)
        if found is None:
            raise CannotDo("unknown")
        if found.is_over and not isinstance(command, HangUp):
            raise CannotDo("over")
        return found

    def _open(self, id: str) -> Conversation:
        if len(self._going_on) >= MOST_CONVERSATIONS:
            raise CannotDo("too_many")
        made = Conversation(id, self._switchboard, on_over=self._over)
        self._conversations[id] = made
        self._going_on.add(id)
        return made

    def _open_incoming(self) -> Conversation:
        if sum(id.startswith(INCOMING) for id in self._going_on) >= MOST_INCOMING:
            raise CannotDo("too_many")
        return self._open(INCOMING + uuid.uuid4().hex)

    def _over(self, conversation: Conversation) -> None:
        self._going_on.discard(conversation.id)
        if (earlier := self._over_since.pop(conversation, None)) is not None:
            earlier.cancel()
        forgets = asyncio.get_running_loop().call_later(KEPT_FOR, self._forget_over, conversation)
        self._over_since[conversation] = forgets
        while len(self._over_since) > MOST_KEPT:
            self._forget_over(next(iter(self._over_since)))

    def _forget_over(self, conversation: Conversation) -> None:
        """Unless somebody was still being dialled when the last one left, and is in it now."""
        self._over_since.pop(conversation).cancel()
        if conversation.is_over:
            self._forget(conversation)

    def _forget(self, conversation: Conversation) -> None:
        self._going_on.discard(conversation.id)
        self._conversations.pop(conversation.id, None)
        self._turns.pop(conversation.id, None)

    def _take_call(self, call: IncomingCall) -> None:
        task = asyncio.get_running_loop().create_task(self._take(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, call: IncomingCall) -> None:
        """One that was cancelled meanwhile, as in the same segment of TCP, would be over without telling anybody."""
        if call.state is CallState.OVER:
            return
        call.ring()
        try:
            conversation = self._open_incoming()
        except CannotDo:
            self._refuse(call)
            return
        try:
            await conversation.arrives(call)
        except PortsExhausted:
            self._forget(conversation)
            self._refuse(call)

    def _refuse(self, call: IncomingCall) -> None:
        log.warning("there was no room for a call that came in")
        self._switchboard.failures[Failure.CALL] += 1
        call.refuse(503)


async def _tried(conversation: Conversation, command: Command) -> Refusal | None:
    """None if it was done."""
    try:
        await _act(conversation, command)
    except (CannotDo, NoWay) as refused:
        return Refusal(code=str(refused))
    except PortsExhausted:
        return Refusal(code="no_ports")
    except TextRefused:
        return Refusal(code="text")
    except SpeakerFailed:
        return Refusal(code="no_voice")
    return None


async def _act(conversation: Conversation, command: Command) -> None:
    match command:
        case Dial():
            await conversation.dial(command)
        case Say():
            await conversation.say(command)
        case Ask():
            conversation.ask(command)
        case Capture():
            conversation.capture(command)
        case Answer():
            conversation.answer()
        case Refuse():
            conversation.refuse()
        case Join():
            conversation.join()
        case Part():
            conversation.part()
        case HangUp():
            conversation.hang_up(command)
        case _:
            pass  # Look
