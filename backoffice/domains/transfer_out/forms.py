"""The forms of the work items of a transfer-out, and what their answers do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import Accepted, Answer, ItemForm, OutcomeForm
from backoffice.cases.signals import signal
from workflows.domain_transfer_out.facts import Decision
from workflows.domain_transfer_out.spec import HOLDER_DECIDED


class ConfirmForm(ItemForm):
    """A form without fields: the proof itself is the answer."""

    submit = _("Yes, let it go")


class ReleaseForm(OutcomeForm):
    intro = _(
        "Look whether the holder themself wants this. If you are not sure, call them on a number that is older than 30 "
        "days. The transfer code itself is shown to nobody here."
    )


class TakeCodeForm(ItemForm):
    """The proof opens a page on which the code is shown, once."""

    submit = _("Go on to the code")


class RefuseForm(ItemForm):
    intro = _(
        "We refuse the transfer at the registry, take the transfer code away, and lock the domain again. Everything "
        "stays as it was. To move it later, you start again."
    )
    submit = _("Refuse it: the domain stays with us")


class ApproveForm(ItemForm):
    submit = _("Approve it: the domain goes now")


def confirmed(answer: Answer) -> Accepted:
    return Accepted("confirmed")


def refused(answer: Answer) -> Accepted:
    signal(answer.case, HOLDER_DECIDED, Decision(approves=False))
    return Accepted("refused")


def approved(answer: Answer) -> Accepted:
    signal(answer.case, HOLDER_DECIDED, Decision(approves=True))
    return Accepted("approved")
