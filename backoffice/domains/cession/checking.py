"""Checking a form that was signed on paper: two people, each by the same list, neither seeing what the other found."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import parties
from backoffice.cases.forms import Accepted, Answer, OutcomeForm
from backoffice.cases.models import ItemState, WorkItem
from backoffice.customers import contact_points
from backoffice.customers.models import CustomerKind
from backoffice.documents import copies
from backoffice.documents.fields import CheckedPapers, DocumentsForm
from backoffice.documents.models import DeletedFor
from backoffice.domains.cession import papers, together
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import NewHolder, restored
from workflows.domain_cession.facts import Check, Checked
from workflows.domain_cession.spec import CHECK_AGAIN, CHECK_FORM, NEW_HOLDER

YES, NO, NOT_NEEDED = "yes", "no", "not_needed"
ANSWERS = [(YES, _("yes")), (NO, _("no"))]
BOTH = frozenset({CHECK_FORM.name, CHECK_AGAIN.name})
"""While one of the two checks is open, neither checker sees what the other found."""


def _asked(label: Any, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=help_text, choices=ANSWERS, widget=forms.RadioSelect)


class CheckForm(DocumentsForm):
    """The list. For a person, what only companies have is not asked. A form with a "no" needs a reason."""

    intro = _("Compare the signed form with what is on file, point by point. Another person does the same without you.")
    submit = _("This is what I found")

    sheets = CheckedPapers(label=_("The papers that came"), purposes=(papers.SCANNED,))
    names = _asked(_("Are both names on it as on file?"))
    addresses = _asked(_("Are both addresses and numbers on it as on file?"))
    signatures = _asked(_("Has each party signed by hand, a company also with its stamp?"))
    register_extract = _asked(
        _("Does a register extract show that the signers may act for the company?"),
        _(
            "It may be three months old at most, counted from the day of the signature. If it says that two people act "
            "together, both must have signed."
        ),
    )
    both_signed = _asked(_("Have two different people signed for each company for which two act together?"))
    power_of_attorney = forms.ChoiceField(
        label=_("Who signs for somebody else: is the power of attorney there, and does it name this change?"),
        choices=[*ANSWERS, (NOT_NEEDED, _("nobody signs for somebody else"))],
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(
        label=_("What does not fit"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed with a “no”. It is kept with your answer, and the other person does not see it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cession = Cession.of(self.item.case)
        if not _has_company(cession):
            del self.fields["register_extract"]
        new = restored(cession.new_holder)
        self._ask_for_two(cession, new)
        old_address = ", ".join(contact_points.postal_lines(cession.case.customer)) or _t("no address")
        new_address = ", ".join(new.address_lines()) or _t("no address")
        numbers = [str(number) for number in cession.case.customer.national_ids.all()]
        self.fields["names"].help_text = _t("On file: %(old)s gives %(domain)s to %(new)s.") % {
            "old": cession.old_holder_name,
            "domain": cession.domain,
            "new": new.name,
        }
        self.fields["addresses"].help_text = _t("On file: %(old)s. The new holder: %(new)s.") % {
            "old": "; ".join([old_address, *numbers]),
            "new": "; ".join([new_address, f"{new.number_kind} {new.number}".strip()]),
        }

    def _ask_for_two(self, cession: Cession, new: NewHolder) -> None:
        """Only where we know of such a company."""
        party = parties.of_case(cession.case)[NEW_HOLDER.name].customer
        found = together.companies_of_two(cession.case.customer, new, party)
        if not found:
            del self.fields["both_signed"]
            return
        told = [f"{company}: {', '.join(names)}" for company, names in found]
        self.fields["both_signed"].help_text = _t("Two of these must have signed. %(who)s.") % {"who": "; ".join(told)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if NO in list(cleaned.values()) and not cleaned.get("remark"):
            self.add_error("remark", _t("Say what does not fit."))
        return cleaned


def checked(answer: Answer) -> Accepted:
    """Only the story learns whether it fits: what one person found is not on the timeline. Once both have checked, the
    originals of copies of identity documents go."""
    others = WorkItem.objects.filter(case=answer.case, kind__in=BOTH, state=ItemState.ANSWERED)
    if others.exclude(kind=answer.item.kind).exists():
        copies.let_go(answer.case, why=DeletedFor.CHECKED, by=answer.by, now=answer.now)
    found = [value for name, value in answer.cleaned.items() if name not in ("remark", "sheets")]
    return Accepted(Checked.CHECKED.value, facts=Check(fits=NO not in found))


def _has_company(cession: Cession) -> bool:
    kinds = {cession.case.customer.kind, restored(cession.new_holder).kind}
    return CustomerKind.ORGANISATION.value in kinds


class CallBackForm(OutcomeForm):
    """The call to a number that a thief cannot have changed lately."""

    intro = _(
        "Call only the number that is shown here for a reason. Say who you are and the reference of the case first. "
        "Ask whether they signed a form about this domain, and to whom it goes; do not tell them the name. Ask for no "
        "code and no password."
    )
