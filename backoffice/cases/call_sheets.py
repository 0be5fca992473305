"""What whoever calls a customer about a case must know before they dial: a process says it of its own cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class CallSheet:
    """`why` says to whoever calls what the call is for, `for_customer` says it to the customer, in the portal only.
    `may_ask` are the only questions, `offers` what may be offered, a sentence each. `team` is who calls as long as
    nobody has taken the call: "the cards team". With `needs_customer_proof` the content is told only to who has proven
    that they are the customer, by a code from their portal. No name, number, address or amount is in any of them.
    """

    why: Text
    may_ask: Sequence[Text] = ()
    needs_customer_proof: bool = False
    offers: Sequence[Text] = ()
    for_customer: Text = ""
    team: Text = ""
