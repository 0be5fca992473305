"""Takes what a customer keys in to pay, and hands it to the payment provider: the agent is cut off all the while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

from backoffice.voice.contract import Capture, Captured, CleanWindow, Failure, Item, Keying, Outcome, Proof, Stage, What
from backoffice.voice.gateway.asking import Asking, GivenUp
from backoffice.voice.gateway.items import ASKED_BY, form_of
from backoffice.voice.gateway.keying import Stopped
from backoffice.voice.gateway.secrets_in_memory import SecretBytes
from backoffice.voice.gateway.switchboard import Switchboard
from backoffice.voice.gateway.tokenising import Declined, Token, Unavailable
from backoffice.voice.media.bridges import Bridge
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.windows import Window, WindowCounts
from backoffice.voice.speech.sentences import Sentence
from backoffice.voice.speech.speaking import SpeakerFailed
from backoffice.voice.speech.words.language import Language

log = logging.getLogger(__name__)
MOST_DIGITS = 24
"""Of one entry: more than any form takes, so that too many can be told from enough."""
RESTORED_WITHIN = timedelta(seconds=15)
"""If the customer leans on a key for longer, the agent stays cut off: a digit is never heard."""


class Capturing:
    """One capture, of the conversation that `command` names. `bridge` joins the customer with an agent, None where
    there is none; `tell` passes events on."""

    def __init__(
        self,
        command: Capture,
        switchboard: Switchboard,
        *,
        customer: Leg,
        agent: Leg | None,
        bridge: Bridge | None,
        tell: Callable[[What], None],
    ) -> None:
        self._command = command
        self._switchboard = switchboard
        self._agent = agent
        self._bridge = bridge
        self._tell = tell
        self._asking = Asking(customer, switchboard.prompts, Language.of(command.language))
        self._window: Window | None = None

    def cut_off(self) -> None:
        """From now on the agent hears nothing. Raises `WrongState` if they are cut off already."""
        if self._bridge is not None and self._agent is not None:
            self._window = self._bridge.cut(self._agent)

    async def run(self) -> None:
        """Ends with `Captured`, whatever happens; also when it is cancelled because the customer hung up."""
        token, outcome, code = None, Outcome.HUNG_UP, ""
        try:
            token = await self._taken()
            outcome = Outcome.DONE
            await self._put_back()
        except Stopped:
            outcome = Outcome.STOPPED
            await self._end_with(Sentence.CANCELLED)
        except GivenUp:
            outcome = Outcome.GIVEN_UP
            await self._end_with(Sentence.GIVEN_UP)
        except Declined as declined:
            outcome, code = Outcome.DECLINED, str(declined)
            await self._put_back()
        except (Unavailable, SpeakerFailed) as error:
            log.warning("a capture could not be ended: %s", type(error).__name__)
            self._count(Failure.VOICE if isinstance(error, SpeakerFailed) else Failure.PROVIDER)
            outcome = Outcome.UNAVAILABLE
            await self._put_back()
        except Exception:
            outcome = Outcome.UNAVAILABLE  # a fault of ours: nobody hung up, and nothing was taken
            await self._put_back()
            raise
        finally:
            self._tell(self._captured(outcome, token, code))

    async def _taken(self) -> Token:
        """Asks for each item, and hands all to the provider. What was keyed in is overwritten in any case."""
        with ExitStack() as stack:
            taken: dict[Item, SecretBytes] = {}
            for item in self._command.items:
                taken[item] = stack.enter_context(SecretBytes(MOST_DIGITS))
                await self._ask(item, taken[item])
            await self._asking.begin_to_say(Sentence.ONE_MOMENT)
            return await self._tokenised(taken)

    async def _tokenised(self, taken: dict[Item, SecretBytes]) -> Token:
        """Is not left before the provider's answer, even if the customer hangs up: its thread reads the digits."""
        asking = asyncio.ensure_future(self._switchboard.tokeniser.tokenise(taken, key=self._command.key))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.wait({asking})
            if not asking.cancelled():
                asking.exception()
            raise

    async def _ask(self, item: Item, digits: SecretBytes) -> None:
        def tell(stage: Stage) -> None:
            self._tell(Keying(key=self._command.key, item=item, stage=stage))

        tell(Stage.ASKED)
        await self._asking.digits(
            digits,
            form_of(item, seconds=self._command.seconds),
            ASKED_BY[item],
            tries=self._command.tries,
            on_typing=lambda: tell(Stage.TYPING),
            on_wrong=lambda: tell(Stage.ASKED_AGAIN),
        )
        tell(Stage.ENTERED)

    async def _end_with(self, sentence: Sentence) -> None:
        try:
            await self._asking.say(sentence)
        except SpeakerFailed:
            log.warning("the end of a capture could not be said")
            self._count(Failure.VOICE)
        await self._put_back()

    async def _put_back(self) -> None:
        """The agent hears the customer again, as soon as no key is pressed."""
        if self._bridge is None or not self._bridge.is_cut:
            return  # there is no agent, or none any more
        try:
            async with asyncio.timeout(RESTORED_WITHIN.total_seconds()):
                await self._bridge.restore()
        except TimeoutError:
            log.warning("a key was held down for so long that the agent stays cut off")

    def _count(self, failure: Failure) -> None:
        self._switchboard.failures[failure] += 1

    def _captured(self, outcome: Outcome, token: Token | None, code: str) -> Captured:
        return Captured(
            key=self._command.key,
            outcome=outcome,
            token=token.id if token else "",
            brand=token.brand if token else "",
            last_four=token.last_four if token else "",
            code=code,
            proof=self._proof(self._window.counts) if self._window is not None else None,
        )

    def _proof(self, counts: WindowCounts) -> Proof:
        return self._switchboard.signer.sign(
            CleanWindow(
                capture=self._command.key,
                conversation=self._command.conversation,
                instance=self._switchboard.instance,
                frames=counts.frames,
                non_silent=counts.non_silent,
                events=counts.events,
                ssrc=counts.ssrc,
                first_sequence=counts.first_sequence,
                last_sequence=counts.last_sequence,
                began_at=counts.began_at,
                ended_at=counts.ended_at,
            )
        )
