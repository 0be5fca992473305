"""Payment of a bill by somebody who does not say who they are, declared: its stages, effect, call, notice, endings."""

from __future__ import annotations

from workflows.base.spec import N_, Call, Effect, Ending, Nothing, Notice, Periods, ProcessSpec, Result, Stage
from workflows.bill_payment.facts import BillPaymentOpening, Booked


class BillPaymentStage(Stage):
    RECEIVED = "received", N_("Money came"), N_("Somebody paid")
    BOOKED = "booked", N_("Booked"), N_("Your bill is paid")
    RETURNED = "returned", N_("Money goes back"), N_("We pay it back"), True


class BillPaymentEnding(Ending):
    NOT_OPEN = "not_open", Result.REJECTED, N_("The bill was no longer open with this amount, so the money went back.")


BOOK = Effect(name="book_payment", args=Nothing, answer=Booked)

PAYMENTS = "payments"
REFUND = Call(name="refund_payment", system=PAYMENTS, args=Nothing, answer=Nothing)

PAID_NOTICE = Notice(
    name="bill_paid",
    about=N_("It says that somebody who has the reference of a bill has paid it."),
    asks=N_("It asks for nothing. The bill is in the portal."),
)

BILL_PAYMENT = ProcessSpec(
    name="bill_payment",
    title=N_("Payment of a bill by somebody with its reference"),
    customer_title=N_("Somebody paid a bill of yours"),
    stages=BillPaymentStage,
    endings=BillPaymentEnding,
    kinds=(),
    effects=(BOOK,),
    calls=(REFUND,),
    notices=(PAID_NOTICE,),
    periods=Periods(),
    opening=BillPaymentOpening,
    stopping=N_("Nothing is stopped: the money is booked, or goes back."),
    harmless=True,
)
