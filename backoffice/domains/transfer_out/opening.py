"""Opening a transfer-out: which of the customer's domains, and why one cannot go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice import idn
from backoffice.actors import Actor, ActorKind
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.domains import holding
from backoffice.domains.debts import with_debts
from backoffice.domains.models import Domain
from backoffice.domains.transfer_out.eligibility import why_not_transferable
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.refusals import Conflict, NotFound
from workflows.base.spec import Nothing

MOST = 200
"""Domains that a form offers; any other one is named by its name."""


class OneOfTheirDomains(forms.ChoiceField):
    """A domain of the customer, by its public id, or by its name as people or registries write it. Another's and one
    that nobody knows are refused in the same words; why one of theirs cannot go is for the rule to say."""

    customer: Customer | None = None

    def to_python(self, value: object) -> str:
        typed = super().to_python(value).strip()
        domain = Domain.objects.filter(customer=self.customer, name=idn.to_ascii(typed) or "").first()
        return str(domain.public_id) if domain else typed

    def valid_value(self, value: object) -> bool:
        try:
            return self.customer is not None and bool(holding.own(domain=str(value), customer=self.customer))
        except NotFound:
            return False


class TransferOutForm(OpeningForm):
    """Which domain. Those that cannot go are listed under the form, each with its reason."""

    submit = _("Ask for the move")

    domain = OneOfTheirDomains(
        label=_("Which domain?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the domain."),
            "invalid_choice": _("This is not a domain of this customer. Choose one of the list."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domains = domains_of(self.customer)
        now, field = timezone.now(), self.fields["domain"]
        assert isinstance(field, OneOfTheirDomains)
        field.customer = self.customer
        self._why = {str(one.public_id): why_not_transferable(one, now) for one in self.domains}
        free = [one for one in self.domains if self._why[str(one.public_id)] is None]
        field.choices = [(str(one.public_id), str(one)) for one in free]
        if len(free) == 1:
            field.initial = str(free[0].public_id)
        if self.by.kind is ActorKind.CUSTOMER:
            self.intro = _t(
                "You confirm it with your code or passkey. We tell every address that we have of you, so that nobody "
                "takes your domain. Then we unlock it, and you see its transfer code here, once. Give that code to the "
                "registrar to whom the domain goes, and to nobody else."
            )
            field.error_messages["invalid_choice"] = _t("This is not a domain of yours. Choose one of the list.")

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """The domains that cannot be chosen, each with the reason."""
        return [(str(one), why.sentence) for one in self.domains if (why := self._why[str(one.public_id)])]


def domains_of(customer: Customer) -> Sequence[Domain]:
    """By name; also those that have left us, which the form refuses as all others that cannot go."""
    return list(with_debts(Domain.objects.filter(customer=customer)).order_by("name")[:MOST])


def why_not(customer: Customer) -> str:
    """Why no domain of this customer can go now; empty when one can."""
    now = timezone.now()
    refusals = [why_not_transferable(domain, now) for domain in domains_of(customer)]
    if not refusals:
        return _t("There is no domain.")
    first = refusals[0]
    return "" if None in refusals or first is None else first.sentence


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Nothing:
    """Runs inside the opening's transaction. Takes hold of the domain, so that of two cases about it one is refused.
    Raises `NotFound` and `Conflict` on `domain`."""
    own = holding.own(domain=str(content["domain"]), customer=case.customer)
    domain = Domain.objects.select_for_update().get(pk=own.pk)
    if refusal := why_not_transferable(domain, now):
        raise Conflict(refusal.code, refusal.sentence, field="domain")
    holding.lock_edits(domain=domain, by=by, case=case, now=now)
    TransferOut.objects.create(case=case, domain=domain)
    case.subject = str(domain)[:80]
    return Nothing()
