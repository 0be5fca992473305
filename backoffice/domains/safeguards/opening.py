"""Opening a change of a domain's safeguards: which domain, and what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.domains import holding
from backoffice.domains.models import Domain, DomainState
from backoffice.domains.safeguards import standing
from backoffice.domains.safeguards.models import SafeguardChange
from backoffice.refusals import Conflict, Invalid
from workflows.domain_safeguard.facts import Safeguard, SafeguardOpening

MOST = 200
"""Domains that a form offers."""
SHORTEST_REASON = 10
OF_THE_HOLDER = [
    (Safeguard.PROTECT.value, _("Give it extra protection (at once)")),
    (Safeguard.UNPROTECT.value, _("Take the extra protection away (after seven days)")),
    (Safeguard.DECLINE_LOCK.value, _("Decline the lock after a change of holder (after seven days)")),
    (Safeguard.KEEP_LOCK.value, _("Take that back: I want the lock (at once)")),
]
OF_STAFF = [
    (Safeguard.PROTECT.value, _("Set the value mark (at once)")),
    (Safeguard.UNPROTECT.value, _("Take the value mark away (a second person approves, then seven days)")),
]


class SafeguardForm(OpeningForm):
    """Which domain, and what. Staff say why. Whether it can be now is for `prepare` to say: a form that is sent twice
    is one request."""

    submit = _("Ask for it")

    domain = forms.ChoiceField(
        label=_("Which domain?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the domain."),
            "invalid_choice": _("We know no such domain of this customer. Choose one of the list."),
        },
    )
    change = forms.ChoiceField(
        label=_("What shall change?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what shall change.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Staff see it, the customer does not."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_us = self.by.kind is not ActorKind.CUSTOMER
        theirs = Domain.objects.filter(customer=self.customer).exclude(state=DomainState.GONE)
        self._domains = found = list(theirs.order_by("name")[:MOST])
        which, change = self.fields["domain"], self.fields["change"]
        assert isinstance(which, forms.ChoiceField)
        assert isinstance(change, forms.ChoiceField)
        which.choices = [(str(one.public_id), str(one)) for one in found]
        change.choices = OF_STAFF if self.by_us else OF_THE_HOLDER
        possible = {change for one in found for change in self._changes_of(one)}
        change.widget.choices = [choice for choice in change.choices if choice[0] in possible]
        if len(found) == 1:
            which.initial = str(found[0].public_id)
        if self.by_us:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = _t("Say why, for those who look at it later.")
            return
        del self.fields["reason"]
        which.error_messages["invalid_choice"] = _t("We know no such domain of yours. Choose one of the list.")
        self.intro = _t(
            "With extra protection a second person of ours looks at changes of the domain, and they can be stopped for "
            "longer where its registry allows that. What protects it less is confirmed with your code or passkey, and "
            "every address that we have of you can stop it for seven days."
        )

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """The domains of which nothing can be changed, each with the reason."""
        busy = set(SafeguardChange.objects.filter(domain__in=self._domains, live=True).values_list("domain", flat=True))
        found = [one for one in self._domains if one.pk in busy or not self._changes_of(one)]
        return [(str(one), standing.why_not(one, Safeguard.PROTECT, by_us=self.by_us)) for one in found]

    def _changes_of(self, domain: Domain) -> list[Safeguard]:
        every = [Safeguard(code) for code, _words in (OF_STAFF if self.by_us else OF_THE_HOLDER)]
        return [one for one in every if not standing.why_nothing_changes(domain, one, by_us=self.by_us)]

    def clean_reason(self) -> str:
        given = " ".join(str(self.cleaned_data["reason"]).split())
        if len(given) < SHORTEST_REASON:
            raise forms.ValidationError(_t("Say it in at least %(least)d characters.") % {"least": SHORTEST_REASON})
        return given


def why_not(customer: Customer) -> str:
    """Why this customer has nothing to protect; empty when they have."""
    has_any = Domain.objects.filter(customer=customer).exclude(state=DomainState.GONE).exists()
    return "" if has_any else _t("There is no domain.")


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> SafeguardOpening:
    """Runs inside the opening's transaction. Raises `NotFound` and `Conflict` on the field."""
    change, by_us = Safeguard(content["change"]), by.kind is not ActorKind.CUSTOMER
    own = holding.own(domain=str(content["domain"]), customer=case.customer)
    domain = Domain.objects.select_for_update().get(pk=own.pk)
    if refusal := standing.why_not(domain, change, by_us=by_us):
        raise Conflict("not_now", refusal, field="change")
    reason = str(content.get("reason", ""))
    if by_us and not reason:
        raise Invalid({"reason": [_t("Say why, for those who look at it later.")]})
    SafeguardChange.objects.create(case=case, domain=domain, change=change.value, by_us=by_us, reason=reason)
    holding.note_order(domain=domain, case=case, now=now)
    case.subject = str(domain)[:80]
    return SafeguardOpening(change=change, by_us=by_us)
