"""What a voice payment learns and says, and the outcomes of its work items: typed facts, never personal data, and no
amount."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Mode(StrEnum):
    """How the customer is reached. In the same call the agent is on the line first, and is cut off while the customer
    keys in; a call-out rings the customer alone, and the agent joins once they have agreed."""

    CALL_OUT = "call_out"
    SAME_CALL = "same_call"


class PaymentOpening(Facts, frozen=True):
    """`accompanied`: the agent's telephone is rung as well."""

    mode: Mode = Mode.CALL_OUT
    accompanied: bool = False


class RiskFound(Facts, frozen=True):
    """What the risk rules ask for before anything rings."""

    denied: bool = False
    identity: bool = False
    document: bool = False


class Prepared(Facts, frozen=True):
    """The number of the try that was prepared; 0 where the customer may not be called now."""

    number: int = 0


class Commanded(Facts, frozen=True):
    """Whether the voice gateway took the command. It does not when the call is over, or when it is not there."""

    taken: bool = True


class Heard(StrEnum):
    """What a voice call came to."""

    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    AGENT_THERE = "agent_there"
    AGENT_AWAY = "agent_away"
    TAKE_NOW = "take_now"
    """In the same call: the agent has the payment taken."""
    AGREED = "agreed"
    AGAIN = "again"
    """The customer wants to hear it once more."""
    CHANGED = "changed"
    """What was read out is not what is ordered now."""
    STOPPED = "stopped"
    """The customer pressed the star, or said no."""
    NOTHING_KEYED = "nothing_keyed"
    """Too many wrong tries, or none."""
    TAKEN = "taken"
    """All was keyed in, and the provider has a token for it."""
    OTHER_CARD = "other_card"
    """It was, and it is not the card of the order."""
    NOT_ACCEPTED = "not_accepted"
    """The provider does not take what was keyed in."""
    PROVIDER_AWAY = "provider_away"
    """The provider did not answer, and what was keyed in is gone."""
    SAID = "said"
    HUNG_UP = "hung_up"
    LOST = "lost"
    """The line, or the gateway, is gone."""


class Told(Facts, frozen=True):
    """`call` is the number of the try."""

    call: int
    what: Heard


class Begun(Facts, frozen=True):
    """Whether the money may be asked for: what was agreed to is what is ordered."""

    begun: bool


class Bank(StrEnum):
    AUTHORISED = "authorised"
    DECLINED = "declined"
    STOLEN = "stolen"
    """Declined, because the card was reported as stolen or lost."""
    UNKNOWN = "unknown"
    """No answer: it must be asked again, and never anew."""


class BankSaid(Facts, frozen=True):
    bank: Bank


class Verdict(StrEnum):
    """What the voice says in the end."""

    PAID = "paid"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    NOT_PAID = "not_paid"


class Saying(Facts, frozen=True):
    verdict: Verdict


class Reported(Facts, frozen=True):
    """What the merchant says of the delivery."""

    fulfilled: bool


class PayoutStands(StrEnum):
    """How what the merchant gets stands."""

    DUE = "due"
    """The provider is asked to pay it out."""
    WAITS = "waits"
    """For its day."""
    HELD = "held"
    """Something must end first."""
    OVER = "over"
    """It is paid out, or there is nothing to pay out."""


class PayoutFound(Facts, frozen=True):
    """`until` is when it is looked at again (aware UTC), None where only a signal says when."""

    stands: PayoutStands
    until: datetime | None = None


class PaidOut(Facts, frozen=True):
    """Not where the provider refused it: then it is held, and looked at again."""

    paid: bool


class Identity(Outcome):
    CONFIRMED = "confirmed", N_("This order is theirs")
    NOT_MINE = "not_mine", N_("They ordered nothing")
    EXPIRED = "expired", N_("Not answered in time")


class DocumentSent(Outcome):
    SENT = "sent", N_("Sent")
    EXPIRED = "expired", N_("Did not come")


class DocumentChecked(Outcome):
    FITS = "fits", N_("The document is the customer's")
    DOES_NOT_FIT = "does_not_fit", N_("It is not, or cannot be read")


class Delivered(Outcome):
    FULFILLED = "fulfilled", N_("Delivered, as the merchant or the customer says")
    FAILED = "failed", N_("Not delivered: refund it")
