"""The forms of work items. One class makes the HTML on every face and the JSON schema of the API, and validates for
both.

A process binds a form and the rule function that takes its valid answer to each kind of its work items
(`catalogue.BoundItem`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.cases.models import Case, IncidentKind, Reached, WorkItem
from backoffice.customers.models import Customer
from backoffice.refusals import TryRefused
from backoffice.text_fields import KeptTexts
from workflows.base.spec import Facts, ItemKind, Nothing

TRIED = frozenset({IncidentKind.DEAD_LETTER, IncidentKind.OUTSIDE_AWAY})
"""The kinds of incidents that "try again" can try. What fails inside the engine is tried again by the engine itself."""
Steps = tuple[tuple[str | Promise, tuple[str, ...]], ...]
"""The steps of a long form: the title of each and the names of its fields."""


@dataclass(frozen=True)
class Step:
    """One step of an advice. `link` is the words of a link to `url`, where the person can do it; both may be empty."""

    says: str
    link: str = ""
    url: str = ""


@dataclass(frozen=True)
class Advice:
    """What a person should do now because of what they answered, in the order of the steps."""

    title: str
    lead: str
    steps: Sequence[Step]


class ItemForm(KeptTexts, forms.Form):
    """The base of all forms of work items. `item` and `by` are there for choices that depend on the case.

    `pages` divides a long form into steps of (title, names of its fields); empty for a form of one page. A form whose
    steps depend on what was answered says so in `pages_now`. `intro` is a sentence over the form, `submit` the word on
    its button. The face makes a `client_key` for each page: the same key twice is one answer.
    """

    pages: ClassVar[Steps] = ()
    intro: str | Promise = ""
    submit: str | Promise = _("Send")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        item: WorkItem,
        by: Actor,
        kind: ItemKind[Any, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.item = item
        self.by = by
        self.kind = kind
        no_card_numbers.guard(self)

    def pages_now(self) -> Steps:
        """The steps that are needed with the answers given so far."""
        return self.pages

    @property
    def given(self) -> Mapping[str, Any]:
        """What was answered so far: what was just sent, or what is kept. A list counts for a field of many answers."""
        if self.is_bound:
            many = (name for name, field in self.fields.items() if isinstance(field, forms.MultipleChoiceField))
            get_list = getattr(self.data, "getlist", None)
            lists = {name: get_list(name) for name in many} if get_list else {}
            return {**{name: self.data.get(name) for name in self.data}, **lists}
        return self.item.answer or self.item.draft or {}

    @property
    def advice(self) -> Advice | None:
        """What the person should do now, without waiting for the rest of the form; None as a rule."""
        return None

    def kept_in_words(self, name: str, kept: Any) -> str:
        """A stored answer in words, where its field's own choices no longer tell them; empty for all others."""
        return ""


class OutcomeForm(ItemForm):
    """A choice among the kind's outcomes, and a reason, for work items that are a decision. "Expired" is not offered:
    nobody decides that."""

    outcome = forms.ChoiceField(label=_("Your decision"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes to the timeline."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["outcome"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(outcome.value, gettext(outcome.words)) for outcome in self.kind.decisions]


@dataclass(frozen=True)
class Answer:
    """A valid answer to a work item, inside the transaction that writes it. `now` is aware UTC."""

    case: Case
    item: WorkItem
    cleaned: dict[str, Any]
    by: Actor
    now: datetime


@dataclass(frozen=True)
class Accepted:
    """`facts` go to the process, as the kind declares them. `data` goes to the timeline.

    `keep` is stored, sealed, as the answer; None stores the cleaned form. `refused` is for a wrong try that counts: the
    item stays open, what the rule wrote is committed, and then the refusal is raised.
    """

    outcome: str
    facts: Facts = field(default_factory=Nothing)
    data: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    keep: dict[str, Any] | None = None
    refused: TryRefused | None = None


def whom_called(label: str | Promise) -> forms.ChoiceField:
    """A field that says whether a person was called, and reached. Its name is the code of the person."""
    words, initial = cast("str", label), Reached.NOT_CALLED
    choices, widget = Reached.choices, forms.RadioSelect
    return forms.ChoiceField(label=words, choices=choices, required=False, initial=initial, widget=widget)


class IncidentForm(OutcomeForm):
    """What came of looking into an incident, and whether the customer was called. "Try again" is offered only where
    there is something that can be tried."""

    called_customer = whom_called(_("Did you call the customer?"))
    field_order = ("called_customer", "outcome", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["outcome"]
        assert isinstance(choice, forms.ChoiceField)
        if self.item.why in IncidentKind.values and self.item.why not in TRIED:
            choice.choices = [
                (one.value, gettext(one.words)) for one in self.kind.decisions if one.value != "try_again"
            ]


class FailureForm(OutcomeForm):
    """What to do after an outside system refused for good."""


class OpeningForm(KeptTexts, forms.Form):
    """The base of the forms that open a case. The fields may depend on `customer`, for whom it is, and on `by`, who
    asks. The cleaned data is the content of the opening: the same key with the same content is the same case.

    `intro` is a sentence over the form, `submit` the word on its button.
    """

    intro: str | Promise = ""
    submit: str | Promise = _("Send")

    def __init__(self, data: Mapping[str, Any] | None = None, *, customer: Customer, by: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.customer = customer
        self.by = by
        no_card_numbers.guard(self)

    @classmethod
    def fields_for_anybody(cls) -> dict[str, forms.Field]:
        """Its fields before its customer is known, without those that no person fills in."""
        return {name: field for name, field in cls.base_fields.items() if not field.widget.is_hidden}

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """What cannot be chosen now, each with its reason; shown under the form."""
        return ()


def errors_by_field(form: forms.Form) -> dict[str, list[str]]:
    """What is wrong, by the name of the field. What concerns the whole form is under ""."""
    found = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
    return {"" if name == "__all__" else name: errors for name, errors in found.items()}


def plain(cleaned: dict[str, Any]) -> dict[str, Any]:
    """The cleaned data of a form, as values that JSON can hold."""
    return {
        name: value if isinstance(value, (str, int, float, bool, list, type(None))) else str(value)
        for name, value in cleaned.items()
    }
