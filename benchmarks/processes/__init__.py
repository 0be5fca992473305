"""Whole cases of every process, driven as the card reissue is: one script for each, which makes what a case is about,
opens it, answers its work items in the place of their performers, and plays the world outside.

`story.py` drives a script as it drives `product.py`. Everybody acts by the product's rules, in the driver's process;
what these cost is counted apart, as for the card reissue. What is looked at and waited for is load.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.processes.bills import BillPayment
from benchmarks.processes.call_backs import CallBack
from benchmarks.processes.calls import Call
from benchmarks.processes.claims import PaymentClaim
from benchmarks.processes.complaints import Complaint
from benchmarks.processes.contacts import ContactChange
from benchmarks.processes.domains import Cession, Safeguard, TransferOut
from benchmarks.processes.invoices import Duplicate
from benchmarks.processes.mails import MailOrder
from benchmarks.processes.merchants import MerchantAdmission
from benchmarks.processes.payments import AutopayUpdate
from benchmarks.processes.refunds import BillDispute, ClaimAnswer, PayoutReturn, RefundReturn
from benchmarks.processes.suspicions import SuspiciousContact
from benchmarks.processes.telephone import VoicePayment
from benchmarks.processes.top_ups import TopUp
from benchmarks.processes.visits import HomeVisit

CARD_REISSUE = "card_reissue"
SCRIPTS = {
    one.name: one
    for one in (
        *(HomeVisit, Cession, TransferOut, Safeguard, ContactChange),
        *(Call, CallBack, MailOrder, Duplicate),
        *(SuspiciousContact, Complaint, AutopayUpdate),
        *(MerchantAdmission, VoicePayment, PaymentClaim, BillPayment, TopUp),
        *(ClaimAnswer, RefundReturn, PayoutReturn, BillDispute),
    )
}
PLAYED = (CARD_REISSUE, *SCRIPTS)
"""The card reissue first, with which all others are compared."""


def script(process: str, product: Any, addresses: Mapping[str, str]) -> Any:
    """What plays cases of this process. `product` is `product.py` as the driver has loaded it, and plays card reissues;
    `addresses` are those of the stack."""
    if process == CARD_REISSUE:
        return product
    return SCRIPTS[process](product, addresses)
