"""Payment by telephone: a shop's agent orders it, the customer's own telephone rings, a voice reads out who gets how
much for what, and the customer answers by keypad while the agent is cut off. Money moves only where both strands fit.

ORDERED → RISK {deny | the customer confirms the order, or sends a document, first | ok} → CALLING (45 s, twice; in the
same call the agent is there first) → LINKED (read out; a change of the order makes it void, and it is read out again) →
CAPTURING (the agent is cut off; 60 s an item, three tries, the star stops) → ASKING_BANK {unknown: asked again by the
same key, never anew} → AUTHORISED | DECLINED → PAID (the point of no return) with the receipt → DELIVERED {failed, or
nobody says so in 14 days and we find out: REFUND} → PAYOUT (waits for its day; held by a claim, a suspension, or where
the merchant has no account) → SETTLED {nothing is left to pay out: the case ends without it}.

Whoever hangs up has paid nothing. A line that is lost is rung once more; after that nothing was paid either. From the
moment at which the bank is asked, the order cannot be changed any more.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.call_back.facts import CALL_BACK, CallBackOpening
from workflows.voice_payment.facts import (
    Bank,
    Delivered,
    DocumentChecked,
    DocumentSent,
    Heard,
    Identity,
    Mode,
    PaymentOpening,
    PayoutStands,
    Reported,
    Saying,
    Verdict,
)
from workflows.voice_payment.spec import (
    ASK_ABOUT_DELIVERY,
    ASK_BANK_AGAIN,
    ASKED_AGAIN,
    ASSESS,
    AUTHORISE,
    BEGIN,
    CAPTURE,
    CHECK_DOCUMENT,
    CONFIRM_NOTICE,
    CONFIRM_ORDER,
    DELIVERY,
    DOCUMENT_NOTICE,
    ENDED_NOTICE,
    HANG_UP,
    LOOK_AT_PAYOUT,
    NOTE_DELIVERY,
    NOTE_FEE,
    PAY_OUT,
    PAYOUT_CHANGED,
    PERIODS,
    PREPARE,
    READ_OUT,
    READINGS,
    RECEIPT_NOTICE,
    REFUND,
    REFUND_NOTICE,
    RELEASE,
    RING,
    RING_AGENT,
    SAY,
    SEND_DOCUMENT,
    TAKE_KEYS,
    TOLD,
    TRIES,
    UNKNOWN_NOTICE,
    VOICE_PAYMENT,
    PaymentEnding,
    PaymentStage,
)

GONE = frozenset({Heard.HUNG_UP, Heard.LOST})
ENDS: dict[Heard, PaymentEnding] = {
    Heard.NOT_ANSWERED: PaymentEnding.NOT_REACHED,
    Heard.STOPPED: PaymentEnding.STOPPED,
    Heard.HUNG_UP: PaymentEnding.HUNG_UP,
    Heard.NOTHING_KEYED: PaymentEnding.NOTHING_KEYED,
    Heard.OTHER_CARD: PaymentEnding.OTHER_CARD,
    Heard.NOT_ACCEPTED: PaymentEnding.DECLINED,
    Heard.PROVIDER_AWAY: PaymentEnding.NOT_TAKEN,
    Heard.LOST: PaymentEnding.LINE_LOST,
}
"""What a call that came to nothing makes of the case."""
RUNG_AGAIN = frozenset({Heard.NOT_ANSWERED, Heard.LOST})


@workflow.defn(name=VOICE_PAYMENT.name)
class VoicePayment(Process[PaymentOpening]):
    spec = VOICE_PAYMENT
    number = 0
    """Of the call that goes on."""
    how = ""
    """The code of the ending that the story came to by itself."""
    is_paid = False

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        if result is not Result.DONE and not self.is_paid:
            self.notify(ENDED_NOTICE, how=self.how or self.stopped_with or result.value)

    async def story(self) -> None:
        self.enter(PaymentStage.ORDERED)
        await self._assess()
        bank = await self._on_the_telephone()
        if bank is not Bank.AUTHORISED:
            await self._declined(bank)
        self.enter(PaymentStage.AUTHORISED)
        await self.call(CAPTURE, irrevocable=True)
        self.is_paid = True
        self.enter(PaymentStage.PAID)
        self.notify(RECEIPT_NOTICE)
        await self._say(Verdict.PAID)
        await self._hang_up()
        is_fee_noted = self.knows("provider_fee")
        if is_fee_noted:
            await self.call(NOTE_FEE)
        await self._deliver()
        if self.knows("settlement"):
            if not is_fee_noted:
                await self.call(NOTE_FEE)
                await self.settle()
            await self._pay_merchant()

    # --- before anything rings ----------------------------------------------------------------------------------------

    async def _assess(self) -> None:
        risk = await self.do(ASSESS)
        if risk.denied:
            raise self._ends(PaymentEnding.DENIED)
        if risk.identity or risk.document:
            self.enter(PaymentStage.STEP_UP)
        if risk.identity:
            self.notify(CONFIRM_NOTICE)
            confirmed = await self.ask(CONFIRM_ORDER)
            if confirmed.outcome is not Identity.CONFIRMED:
                mine = confirmed.outcome is Identity.EXPIRED
                raise self._ends(PaymentEnding.NOT_CONFIRMED if mine else PaymentEnding.NOT_THEIRS)
        if risk.document:
            self.notify(DOCUMENT_NOTICE)
            sent = await self.ask(SEND_DOCUMENT)
            if sent.outcome is DocumentSent.EXPIRED:
                raise self._ends(PaymentEnding.NO_DOCUMENT)
            checked = await self.ask(CHECK_DOCUMENT)
            if checked.outcome is not DocumentChecked.FITS:
                raise self._ends(PaymentEnding.NO_DOCUMENT)

    # --- the telephone ------------------------------------------------------------------------------------------------

    async def _on_the_telephone(self) -> Bank:
        """What the bank said, once the customer has paid by the keys. They are rung twice where nobody answers or the
        line is lost."""
        heard = Heard.NOT_ANSWERED
        self.undo_by(HANG_UP)
        for again in range(TRIES):
            if again:
                await self.sleep_until(self.now + PERIODS.before_ringing_again)
            heard = await self._rung()
            if heard is Heard.ANSWERED:
                heard = await self._talk()
                if heard is Heard.TAKEN:
                    return await self._bank()
            if heard not in GONE and heard is not Heard.NOT_ANSWERED:
                await self._say(Verdict.DECLINED if heard is Heard.NOT_ACCEPTED else Verdict.NOT_PAID)
            await self._hang_up()
            if heard not in RUNG_AGAIN:
                break
        raise self._ends(ENDS[heard])

    async def _rung(self) -> Heard:
        self.enter(PaymentStage.CALLING)
        self.waiting("customer", self.now + PERIODS.ringing)
        prepared = await self.do(PREPARE)
        if not prepared.number:
            raise self._ends(PaymentEnding.NOT_NOW)
        self.number = prepared.number
        rung = await self.call(RING)
        if not rung.taken:
            return Heard.LOST
        return await self._heard(PERIODS.ringing, Heard.ANSWERED, Heard.NOT_ANSWERED)

    async def _talk(self) -> Heard:
        """From the answer to the token; what else came of the call."""
        if self.opening.mode is Mode.SAME_CALL:
            self.waiting("others", self.now + PERIODS.talk_before_paying)
            heard = await self._heard(PERIODS.talk_before_paying, Heard.TAKE_NOW)
            if heard is not Heard.TAKE_NOW:
                return heard
        for again in range(ASKED_AGAIN + 1):
            heard = await self._agrees()
            if heard is Heard.AGREED:
                heard = await self._keys_in()
            if heard is Heard.TAKEN:
                begun = await self.do(BEGIN)
                if begun.begun:
                    return Heard.TAKEN
                heard = Heard.CHANGED
            if heard not in (Heard.CHANGED, Heard.OTHER_CARD, Heard.PROVIDER_AWAY) or again == ASKED_AGAIN:
                break
        return Heard.STOPPED if heard is Heard.CHANGED else heard

    async def _agrees(self) -> Heard:
        """It is read out, and once more where the customer wants to hear it again, or where the order was changed."""
        for _reading in range(READINGS):
            self.enter(PaymentStage.LINKED)
            self.waiting("customer", self.now + PERIODS.reading)
            if not (await self.call(READ_OUT)).taken:
                return Heard.LOST
            heard = await self._heard(
                PERIODS.reading, Heard.AGREED, Heard.AGAIN, Heard.CHANGED, Heard.STOPPED, Heard.NOTHING_KEYED
            )
            if heard not in (Heard.AGAIN, Heard.CHANGED):
                return heard
        return Heard.NOTHING_KEYED

    async def _keys_in(self) -> Heard:
        """The agent joins, where one comes along, and is cut off while the customer keys in."""
        self.enter(PaymentStage.CAPTURING)
        self.waiting("customer", self.now + PERIODS.keying)
        comes = self.opening.mode is Mode.CALL_OUT and self.opening.accompanied
        if comes and (await self.call(RING_AGENT)).taken:
            heard = await self._heard(PERIODS.agent_comes, Heard.AGENT_THERE, Heard.AGENT_AWAY)
            if heard is Heard.HUNG_UP:
                return heard
        if not (await self.call(TAKE_KEYS)).taken:
            return Heard.LOST
        return await self._heard(
            PERIODS.keying,
            Heard.TAKEN,
            Heard.CHANGED,
            Heard.STOPPED,
            Heard.NOTHING_KEYED,
            Heard.OTHER_CARD,
            Heard.NOT_ACCEPTED,
            Heard.PROVIDER_AWAY,
        )

    async def _heard(self, within: timedelta, *what: Heard) -> Heard:
        """The first of these, or that the line is gone. Lost, too, where nothing comes in time."""
        event = await self.wait_for_event(
            TOLD,
            until=self.now + within,
            where=lambda facts: facts.call == self.number and (facts.what in what or facts.what in GONE),
        )
        return event.facts.what if event is not None else Heard.LOST

    async def _hang_up(self) -> None:
        """Who is joined with the agent stays so: both may go on talking."""
        await self.call(HANG_UP)

    async def _say(self, verdict: Verdict) -> None:
        """The end of the sentence is waited for, so that it is not cut off."""
        if (await self.call(SAY, Saying(verdict=verdict))).taken:
            await self._heard(PERIODS.last_words, Heard.SAID)

    # --- the money ----------------------------------------------------------------------------------------------------

    async def _bank(self) -> Bank:
        """While the customer waits, once; then they are told that we do not know yet, and it is asked for days."""
        self.enter(PaymentStage.ASKING_BANK)
        self.waiting("others", self.now + PERIODS.bank_answers_in_the_call)
        self.undo_by(RELEASE)
        said = await self.call(AUTHORISE)
        if said.bank is Bank.UNKNOWN:
            self.notify(UNKNOWN_NOTICE)
            await self._say(Verdict.UNKNOWN)
            await self._hang_up()
            said = await self.call(ASK_BANK_AGAIN)
        return said.bank

    async def _declined(self, bank: Bank) -> None:
        """The customer hears it; a card that was reported as stolen makes one of us call them about it."""
        await self._say(Verdict.DECLINED)
        await self._hang_up()
        if bank is Bank.STOLEN:
            await self.child(CALL_BACK, CallBackOpening(under=self.spec.name, soon=True))
        raise self._ends(PaymentEnding.DECLINED)

    async def _deliver(self) -> None:
        """The shop says whether it delivered. Where it stays silent, one of us finds out."""
        self.waiting("others", self.now + PERIODS.delivery)
        told = await self.wait_for_event(DELIVERY, until=self.now + PERIODS.delivery)
        if told is None:
            asked = await self.ask(ASK_ABOUT_DELIVERY)
            fulfilled = asked.outcome is Delivered.FULFILLED
            await self.do(NOTE_DELIVERY, Reported(fulfilled=fulfilled))
        else:
            fulfilled = told.facts.fulfilled
        self.enter(PaymentStage.DELIVERED)
        if not fulfilled:
            self.enter(PaymentStage.REFUND)
            await self.call(REFUND)
            self.notify(REFUND_NOTICE)

    async def _pay_merchant(self) -> None:
        """The customer waits for nothing any more. Whatever ends what holds the payout is a signal; days the engine
        knows by itself."""
        while True:
            found = await self.do(LOOK_AT_PAYOUT)
            if found.stands is PayoutStands.OVER:
                return
            self.enter(PaymentStage.PAYOUT)
            if found.stands is not PayoutStands.DUE:
                self.waiting("others", found.until)
                await self.wait_for_event(PAYOUT_CHANGED, until=found.until)
            elif (await self.call(PAY_OUT)).paid:
                self.enter(PaymentStage.SETTLED)
                return

    def _ends(self, ending: PaymentEnding) -> Exception:
        self.how = ending.value
        return self.ends(ending)
