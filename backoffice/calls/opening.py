"""Opening a call at the console: found by what the caller named, for one thing that the caller wants."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import CALLER_CODE, Actor, ActorKind
from backoffice.calls import finding, rights
from backoffice.calls.models import Call, Through
from backoffice.cases import catalogue, opening, permissions
from backoffice.cases.catalogue import Process
from backoffice.cases.forms import OpeningForm, errors_by_field
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Forbidden, Invalid, Refused
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.trust.limits import Limit, allowed
from workflows.phone_authorisation.facts import CallOpening
from workflows.phone_authorisation.spec import PHONE_AUTHORISATION

log = structlog.get_logger(__name__)
LOOK_UPS = Limit("call_look_ups", 60, timedelta(hours=1))
"""Of one agent: nobody reads the registers by trying numbers."""


class TooManyLookUps(Refused):
    """This agent has looked up too many names and numbers within the hour."""

    status = 429


class CallForm(OpeningForm):
    """What the caller names, what they want, and that they know of the recording. The cleaned data has only the kind
    of what was named, because a digest of it is kept."""

    submit = _("Find the record, and ask for the code")

    known = forms.CharField(
        label=_("Service name, PESEL, NIP or REGON"),
        max_length=253,
        help_text=_("Ask for one of them. It only finds the record: whoever knows it has proven nothing."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        error_messages={"required": _("Type what the caller names.")},
    )
    wants = forms.ChoiceField(
        label=_("What does the caller want?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the caller wants.")},
    )
    told = forms.BooleanField(
        label=_("I have read out the notice of the recording"),
        error_messages={"required": _("Read out the notice first, then tick that you did.")},
    )
    through = forms.ChoiceField(
        label=_("Through"), choices=Through.choices, initial=Through.TELEPHONE, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wants = self.fields["wants"]
        assert isinstance(wants, forms.ChoiceField)
        wants.choices = [(one.name, str(one.opening.offer)) for one in on_the_phone(self.by) if one.opening]

    def clean_known(self) -> str:
        try:
            named = finding.read(self.cleaned_data["known"])
        except Invalid as refused:
            raise forms.ValidationError(refused.sentence) from None
        if self.customer is not None and finding.holder_of(named) != self.customer:
            raise forms.ValidationError(_t("This is not a record of this customer."))
        return named.by.value


def on_the_phone(by: Actor) -> list[Process]:
    """The processes that this person may open for a caller with a code, in the order of the menus."""
    with_code = by.with_proof(by.level, CALLER_CODE)
    offered = [one for one in catalogue.all_processes() if one.opening and one.opening.on_the_phone]
    return [one for one in offered if permissions.to_open(one).allows(with_code)]


def whose(data: Mapping[str, Any]) -> Customer | None:
    """The customer of the record that is named; None without one. Raises `Invalid` on `known`."""
    typed = str(data.get("known") or "")
    return finding.holder_of(finding.read(typed)) if typed.strip() else None


@needs(rights.TAKE_CALLS)
def open_call(*, by: Actor, data: Mapping[str, Any], key: str, now: datetime | None = None) -> tuple[Case, bool]:
    """Opens the case of a call for the customer of the record that the caller names. Says nothing of the customer.

    Raises `Invalid` with everything that is wrong, on `known` also when there is no such record, `Conflict` while the
    agent has a call that is not wrapped up, `TooManyLookUps`.
    """
    now = now or timezone.now()
    _refuse_second(by)
    if not allowed(LOOK_UPS, by.id, now=now):
        sentence = _t("You have looked up many names and numbers within an hour. Go on later, or ask a supervisor.")
        raise TooManyLookUps("too_many_look_ups", sentence, field=finding.FIELD)
    form = CallForm(data, customer=None, by=by)
    if not form.is_valid():
        raise Invalid(errors_by_field(form))
    customer = whose(data)
    if customer is None:
        log.info("no record for a caller", known_by=form.cleaned_data["known"], agent=by.id)
        raise Invalid({finding.FIELD: [_t("There is no record. Ask the caller to spell it, or for another one.")]})
    return opening.open_by_form(process=PHONE_AUTHORISATION.name, customer=customer, by=by, key=key, data=data, now=now)


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> CallOpening:
    """Runs in the opening's transaction. Raises `Conflict` while the agent has a call that is not wrapped up."""
    if by.kind is not ActorKind.STAFF:
        raise Forbidden("not_an_agent", str(rights.TAKE_CALLS.refusal))
    agent = User.objects.select_for_update(of=("self",)).get(public_id=by.id)
    _refuse_second(by)
    Call.objects.create(
        case=case, agent=agent, through=content["through"], known_by=content["known"], wants=content["wants"]
    )
    return CallOpening(agent=by.id)


def unwrapped(*, agent: uuid.UUID | str) -> Call | None:
    """The agent's call that is not wrapped up yet, by their opaque id."""
    return Call.objects.filter(agent__public_id=agent, wrapped_at=None).select_related("case").first()


def why(content: Mapping[str, Any]) -> str:
    return str(content["through"])


def _refuse_second(by: Actor) -> None:
    if (call := unwrapped(agent=by.id)) is not None:
        sentence = _t("Call %(reference)s is not wrapped up yet. Write down what came of it first.")
        raise Conflict("not_wrapped_up", sentence % {"reference": call.case.reference})
