"""What the case of a bill whose payment was disputed starts with and learns: codes and times only."""

from __future__ import annotations

from datetime import datetime

from workflows.base.spec import N_, Facts, Outcome


class BillDisputeOpening(Facts, frozen=True):
    """`answer_by` is until when the bank takes our answer (aware UTC)."""

    answer_by: datetime


class DisputeOver(Facts, frozen=True):
    """Whether the bank decided against its customer, so that the money came back to us."""

    won: bool


class BankAnswered(Outcome):
    ANSWERED = "answered", N_("We sent the bank what shows that the payment was right")
    ACCEPTED = "accepted", N_("We do not answer: the bill stays open")
