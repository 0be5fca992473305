"""The words of a bill's payment, for the bill's customer and for staff. Nobody knows who paid."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case, CaseOutcome
from backoffice.cases.sentences import Sentence, Text
from backoffice.payments.bills.models import BillPage, PageState
from backoffice.payments.fees import noting

SENTENCES: Mapping[str, Sentence] = {
    "bill.booked": Sentence(
        _("Somebody with its reference paid the bill by card, and the payment is booked."),
        _("Somebody who has the reference of the bill paid it. We do not ask who."),
    ),
    "bill.not_open": Sentence(
        _("Somebody paid the bill by card, but this amount was no longer to be paid of it. All of it goes back."),
        _("Somebody who has the reference of the bill paid it once more. We pay that back to them."),
    ),
    "bill.taken_back": Sentence(
        _("The payer's bank took %(amount)s back. The bill is open again."),
        _("The bank of whoever paid took %(amount)s back. Your bill is open again."),
    ),
    "bill.came_back": Sentence(
        _("The payer's bank gave %(amount)s back to us."),
        _("The bank of whoever paid gave %(amount)s back. Your bill is paid."),
    ),
    "bill.return_failed": Sentence(
        _("What went back (%(amount)s) did not arrive. Another case waits for whoever paid."),
        _("What we paid back did not reach the card of whoever paid. We see to it."),
    ),
    "bill.returned_otherwise": Sentence(
        _("Whoever paid has %(amount)s in another way."), _("Whoever paid has it in another way.")
    ),
    "bill.fee": Sentence(_("The payment provider keeps %(amount)s of it, which we bear.")),
    "bill.returned": Sentence(
        _("The payment went back to the card that it came from."), _("It went back to the card that it came from.")
    ),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "alarm": {
        "disputed": _(
            "Somebody who paid a bill by card has disputed that at their bank. Once the bank takes the money back, the "
            "bill is open again by itself, and a case asks one of us to answer the bank."
        ),
        noting.UNKNOWN: _(
            "The payment provider does not say what it keeps of the payment of a bill, so our books do not have it."
            " Look the payment up at the provider."
        ),
        "won_not_open": _(
            "A bank gave us back the payment of a bill that was paid in another way meanwhile. Pay one of the two back."
        ),
    },
    "call": {"refund_payment": _("pay back what was paid of a bill that was no longer open")},
    "refusal": {
        "disputed": _("the cardholder disputes the payment, so the bank pays it back"),
        "more_than_captured": _("there is nothing left to pay back"),
    },
}
_NOBODY_STOPS_IT = _("The money has come already: it is booked, or goes back by itself.")
NEVER_FROZEN = _NOBODY_STOPS_IT


def headline(case: Case) -> Headline:
    told = {"reference": case.subject}
    if case.outcome == CaseOutcome.DONE:
        return Headline(_t("Somebody paid your bill %(reference)s") % told, _t("You have nothing to do."))
    if case.outcome:
        title = _t("Somebody paid your bill %(reference)s once more") % told
        if BillPage.objects.filter(case=case, state=PageState.CAME_BACK).exists():
            return Headline(
                title, _t("What we paid back did not reach their card. We see to it. You have nothing to do.")
            )
        return Headline(title, _t("We paid that back to them. You have nothing to do."))
    return Headline(_t("Somebody pays your bill %(reference)s") % told, _t("We are booking it. That takes a moment."))


def about(case: Case) -> str:
    return _t("It is about a payment of a bill of yours by somebody else.")


def why_not_stop(case: Case, by: Actor) -> str:
    return str(_NOBODY_STOPS_IT)
