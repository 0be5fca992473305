"""Duplicate of a VAT invoice, declared: its stage, effect and notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    N_,
    Effect,
    MessageChannel,
    NoEnding,
    Nothing,
    Notice,
    Periods,
    ProcessSpec,
    Stage,
)


@dataclass(frozen=True)
class DuplicatePeriods(Periods):
    the_file_stays: timedelta = timedelta(days=90)
    """How long the file can be taken from the portal. Afterwards a new duplicate is one press away."""


PERIODS = DuplicatePeriods()


class DuplicateStage(Stage):
    MADE = "made", N_("Duplicate made"), N_("Your duplicate is in the portal")


MAKE = Effect(name="make_duplicate", args=Nothing, answer=Nothing)

READY_NOTICE = Notice(
    name="duplicate_ready",
    about=N_("It says that the duplicate of an invoice is in the portal."),
    asks=N_("It asks to sign in as always and to take the duplicate from there."),
    channels=(MessageChannel.MAIL,),
)

DUPLICATE_INVOICE = ProcessSpec(
    name="duplicate_invoice",
    title=N_("Duplicate of an invoice"),
    customer_title=N_("A duplicate of your invoice"),
    stages=DuplicateStage,
    endings=NoEnding,
    kinds=(),
    effects=(MAKE,),
    notices=(READY_NOTICE,),
    periods=PERIODS,
    stopping=N_("No duplicate is made."),
    harmless=True,
)
