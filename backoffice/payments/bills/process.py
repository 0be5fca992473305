"""The process "payment of a bill by somebody with its reference": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, Process
from backoffice.payments.bills import booking, rights, settling, words
from backoffice.payments.provider import taking
from backoffice.telephony.live import teams
from workflows.bill_payment import spec
from workflows.bill_payment.story import BillPayment

PROCESS = Process(
    spec=spec.BILL_PAYMENT,
    story=BillPayment,
    prepare=booking.prepare,
    items=(),
    effects=(BoundEffect(spec.BOOK, booking.book),),
    calls=(BoundCall(spec.REFUND, booking.refund),),
    headline=words.headline,
    about=words.about,
    sentences=words.SENTENCES,
    words=words.WORDS,
    never_frozen=words.NEVER_FROZEN,
    why_not_stop=words.why_not_stop,
    rights=rights.ROWS,
)
teams.name(spec.BILL_PAYMENT.name, _("the billing team"))
taking.register(spec.BILL_PAYMENT.name, settling.reported)
