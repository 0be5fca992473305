"""What the events of a voice payment say, and the words of the codes in them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Sentence, Text
from backoffice.payments.charging import DECLINED
from backoffice.payments.payouts.models import HeldBecause
from backoffice.payments.risk.rules import RULES
from workflows.voice_payment.spec import PaymentEnding

WHY: Mapping[str, Text] = {
    PaymentEnding.DENIED: _("we did not let it through"),
    PaymentEnding.NOT_THEIRS: _("you said that you ordered nothing"),
    PaymentEnding.NOT_CONFIRMED: _("you did not confirm the order in time"),
    PaymentEnding.NO_DOCUMENT: _("the document that we asked for did not come, or could not be used"),
    PaymentEnding.NOT_REACHED: _("we did not reach you"),
    PaymentEnding.NOT_NOW: _("we may not ring you now"),
    PaymentEnding.STOPPED: _("you stopped it"),
    PaymentEnding.HUNG_UP: _("the call ended before you had paid"),
    PaymentEnding.NOTHING_KEYED: _("nothing usable was keyed in"),
    PaymentEnding.OTHER_CARD: _("another card was keyed in than the one that you told the shop"),
    PaymentEnding.NOT_TAKEN: _("our payment provider could not be reached"),
    PaymentEnding.LINE_LOST: _("the line was lost twice"),
    PaymentEnding.DECLINED: _("your bank did not approve it"),
    PaymentEnding.CALLED_OFF: _("the shop called it off"),
    "withdrawn": _("it was stopped"),
    "failed": _("something went wrong on our side"),
}
"""Why nothing was paid, for the customer, by the code of the ending."""
BECAUSE: Mapping[str, Text] = {
    "busy": _("busy"),
    "no_answer": _("nobody answered"),
    "stopped": _("the customer pressed the star"),
    "given_up": _("too many wrong tries"),
    "hung_up": _("the customer hung up"),
    "declined": _("the provider does not take it"),
    "unavailable": _("the provider did not answer, and what was keyed in is gone"),
    "ended": _("we ended it"),
    "lost": _("the line was lost"),
    "failed": _("it could not be reached"),
    "refused": _("refused"),
    "number_refused": _("the number may not be called"),
    "agent_number_refused": _("it costs extra to ring the telephone of the shop's agent"),
    "merchant_minutes_spent": _("we have telephoned for this shop as long as we do within a day"),
    "call_minutes_spent": _("we have telephoned today as long as we do within a day"),
    "call_quiet_hours": _("it is before 08:00 or after 21:00 where the customer is"),
    "call_day_spent": _("we have called three times today"),
    "call_week_spent": _("we have called seven times in seven days"),
    "call_spoken": _("we have spoken about it within seven days"),
    "call_on_the_line": _("one of us is on the line with the customer"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "held": {one.value: one.label for one in HeldBecause if one.value},
    "decline": {code.value: words for code, words in DECLINED.items()},
    "because": BECAUSE,
    "alarm": {
        "merchant_minutes": _(
            "Telephones have rung or been connected for one merchant for nearly as long as we allow within a day. Look"
            " at its payments for numbers that somebody earns money by, and suspend it if you find them."
        ),
        "call_minutes": _(
            "Our calls have taken nearly as many minutes as we allow within a day. Find out what rings so much before"
            " it stops."
        ),
        "payout_stuck": _(
            "The payment provider does not say what it keeps of a payment that has ended, so its merchant is not paid."
            " Look the payment up at the provider."
        ),
    },
    "rule": {rule.code: rule.what for rule in RULES.values()},
    "reason": {one.value: _(one.words) for one in PaymentEnding},
    "call": {
        "ring_customer": _("ring the customer"),
        "hang_up_voice": _("hang up"),
        "read_out": _("read the order out"),
        "ring_agent": _("ring the shop's agent"),
        "take_keys": _("take the keys"),
        "say_verdict": _("say what came of it"),
        "authorise_payment": _("hold the amount"),
        "ask_bank_again": _("say whether the amount is held"),
        "release_payment": _("release the amount"),
        "capture_payment": _("take the amount"),
        "refund_payment": _("give the amount back"),
        "note_provider_fee": _("say what it keeps of the payment"),
        "pay_out": _("pay the merchant"),
    },
    "refusal": {
        "unknown": _("the provider knows no such payment"),
        "key_used": _("the provider has had another request under the same key"),
        "card_not_usable": _("the card cannot be used"),
        "code_not_usable": _("the security code cannot be used"),
        "amount": _("the amount is not possible"),
        "state": _("the payment is in another state"),
        "more_than_captured": _("it is more than was taken"),
        "disputed": _("the payment is disputed, so the bank gives it back"),
        "account_not_usable": _("the merchant's account cannot be paid"),
        "balance": _("there is not enough on the account"),
        "other": _("the provider gives no reason"),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "payment.ordered": Sentence(
        _("%(payee)s ordered a payment of %(amount)s."), _("%(payee)s ordered a payment of %(amount)s from you.")
    ),
    "payment.order_changed": Sentence(
        _("The merchant changed the order: %(amount)s. What was read out before is void."),
        _("The shop changed the order: %(amount)s. What you heard before does not count any more."),
    ),
    "payment.denied": Sentence(_("The risk rules did not let it through: %(rule)s.")),
    "payment.taken_up": Sentence(_("The agent had the payment taken in the same call.")),
    "payment.not_rung": Sentence(_("The customer was not rung: %(because)s."), _("We did not ring you: %(because)s.")),
    "payment.rung": Sentence(_("The customer's telephone rings (try %(try)s)."), _("We ring your telephone.")),
    "payment.answered": Sentence(_("The customer answered."), _("You answered.")),
    "payment.not_answered": Sentence(_("Not reached: %(because)s."), _("We did not reach you: %(because)s.")),
    "payment.read_out": Sentence(
        _("The order was read out (fingerprint %(sha256).16s…)."), _("A voice read the order out to you.")
    ),
    "payment.agreed": Sentence(
        _("The customer agreed to what was read out (fingerprint %(sha256).16s…)."), _("You agreed to what you heard.")
    ),
    "payment.not_agreed": Sentence(_("The customer did not agree."), _("You did not agree.")),
    "payment.clean_leg": Sentence(
        _("The agent's telephone was silent while the customer keyed in: %(frames)s frames, signed (%(sha256).16s…)."),
        _("While you keyed in, the shop's telephone was silent. We keep a signed proof of it."),
    ),
    "payment.unclean_leg": Sentence(
        _(
            "The agent's telephone was NOT silent while the customer keyed in (%(sha256).16s…). Somebody must look into"
            " it."
        ),
    ),
    "payment.keyed": Sentence(_("The customer keyed in what it takes."), _("You keyed in what it takes.")),
    "payment.not_keyed": Sentence(_("Nothing was taken from the keys: %(because)s.")),
    "payment.other_card": Sentence(
        _("Another card was keyed in than the one in the order."),
        _("You keyed in another card than the one that you told the shop."),
    ),
    "payment.line_lost": Sentence(
        _("The line was lost (try %(try)s)."), _("The line was lost. Nothing was paid in this call.")
    ),
    "payment.call_over": Sentence(_("The call is over: %(because)s."), _("The call is over.")),
    "payment.authorised": Sentence(_("The bank holds the amount."), _("Your bank approved it.")),
    "payment.declined": Sentence(_("The bank declined: %(decline)s."), _("Your bank did not approve it: %(decline)s.")),
    "payment.released": Sentence(
        _("What was held was released."), _("Nothing was taken. What your bank held is released.")
    ),
    "payment.captured": Sentence(_("%(amount)s was taken."), _("You paid %(amount)s.")),
    "payment.refunded": Sentence(_("%(amount)s was given back."), _("You get %(amount)s back to your card.")),
    "payment.refunded_elsewhere": Sentence(
        _("%(amount)s was given back at the payment provider, not through us."),
        _("You get %(amount)s back to your card."),
    ),
    "payment.refund_failed": Sentence(
        _("A refund of %(amount)s did not arrive. Another case sees to it that the customer has the money."),
        _("%(amount)s did not reach your card. You have it on your balance with us."),
    ),
    "payment.delivered": Sentence(_("It was delivered."), _("The shop says that it delivered.")),
    "payment.not_delivered": Sentence(_("It is not delivered."), _("The shop cannot deliver.")),
    "payout.fee": Sentence(_("The payment provider keeps %(amount)s of it.")),
    "payout.held": Sentence(_("The payout to the merchant is held: %(held)s.")),
    "payout.refused": Sentence(_("The payout to the merchant was refused: %(refusal)s. It is tried again.")),
    "payout.paid": Sentence(_("%(amount)s was paid out to the merchant; our fee is %(fee)s.")),
    "payout.returned": Sentence(_("%(amount)s of the payout was taken back from the merchant.")),
    "payout.owed": Sentence(
        _("The payment provider did not take %(amount)s of the payout back from the merchant, who owes it to us.")
    ),
    "payout.nothing": Sentence(_("Nothing is left to be paid out to the merchant.")),
}
