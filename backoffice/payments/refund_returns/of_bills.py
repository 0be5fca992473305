"""A refund of a bill's payment that did not arrive. Nobody knows who paid, so nobody can be called: whoever paid calls
us, and names the number of their receipt. The case lies with the customer whose bill it is, who learns no more of it
than that."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.catalogue import Headline
from backoffice.cases.evidence import Lines
from backoffice.cases.forms import Accepted, Answer
from backoffice.cases.models import Case, CaseState
from backoffice.needed_fields import needed
from backoffice.payments.bills import returning
from backoffice.payments.bills.models import BillRefund
from backoffice.payments.refund_returns.transfer_form import TransferForm
from backoffice.ui.times import in_full
from workflows.refund_return.facts import PaidWhoever, ReturnOpening


def refund_of(case: Case) -> BillRefund | None:
    return BillRefund.objects.select_related("page__case").filter(case=case).first()


def prepare(case: Case, refund: str) -> ReturnOpening | None:
    """None where the refund is not of a bill."""
    row = BillRefund.objects.select_for_update(of=("self",)).select_related("page").filter(pk=refund).first()
    if row is None:
        return None
    row.case = case
    row.save(update_fields=["case"])
    case.subject = row.page.reference
    return ReturnOpening(refund=row.id, anonymous=True)


class PayWhoeverForm(TransferForm):
    """What was agreed with whoever paid, and done."""

    intro = _(
        "Nobody knows who paid. Whoever calls and names the number of the receipt has paid: look it up for nobody. "
        "Then ask for an account number, in that call only. Pay first, and answer afterwards. Answer that nobody has "
        "asked for it only once its time is over."
    )
    transferred = PaidWhoever.TRANSFERRED
    no_transfer = _("A transfer does not go with money that nobody has asked for. Leave this empty.")
    receipt = needed(
        forms.CharField(
            label=_("Number of the receipt that they named"),
            help_text=_("Needed where you have paid it to them."),
            required=False,
            max_length=20,
        )
    )
    field_order = ("outcome", "receipt", "transfer", "reason")

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        row = refund_of(self.item.case)
        named = str(cleaned.get("receipt", "")).replace(" ", "").upper()
        if row is not None and cleaned.get("outcome") == self.transferred and named != row.page.receipt_number:
            self.add_error("receipt", _t("This is not the number of the receipt of this payment. Ask for it again."))
        return cleaned


def paid(answer: Answer) -> Accepted:
    """Posts a transfer. Raises `Conflict` on `amount` where it is owed no more."""
    outcome, row = answer.cleaned["outcome"], refund_of(answer.case)
    assert row is not None, "only the case of a bill's refund asks this"
    if outcome == PaidWhoever.TRANSFERRED:
        returning.paid_otherwise(row, by=answer.by, now=answer.now)
        timeline.note(answer.case, "refund.transferred_to_payer", by=answer.by, at=answer.now)
    else:
        timeline.note(answer.case, "refund.unclaimed", by=answer.by, at=answer.now)
    return Accepted(outcome, reason=answer.cleaned["reason"])


def evidence(row: BillRefund) -> Lines:
    """The number of the receipt is not among it: whoever calls must name it."""
    page = row.page
    return [
        (_t("Amount"), row.money.shown()),
        (_t("Of the payment of bill"), page.reference),
        (_t("Paid"), in_full(page.paid_at) if page.paid_at else ""),
        (_t("Case of the payment"), page.case.reference if page.case else ""),
        (_t("Who paid"), _t("Nobody knows. They have a receipt with a number.")),
    ]


def headline(case: Case, row: BillRefund) -> Headline:
    title = _t("What somebody paid once more for your bill %(reference)s") % {"reference": case.subject}
    if row.paid_otherwise_at:
        return Headline(title, _t("They have it back. You have nothing to do."))
    if case.state == CaseState.CLOSED:
        return Headline(title, _t("Nobody has asked for it yet. We keep it for them. You have nothing to do."))
    return Headline(
        title, _t("We paid it back, and it did not reach their card. We see to it. You have nothing to do.")
    )


def why_not_stop(case: Case, by: Actor) -> str:
    return _t("The money is owed to whoever paid. It stays so until they have it.")
