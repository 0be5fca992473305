"""The forms of work items: one class is the HTML on any face and the JSON schema of the API, and validates for both.

An app says what a kind of work item looks like and what its answer does:

    @answers("email_survey", form=EmailSurveyForm)
    def survey_answered(answer: Answer) -> Accepted: ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases import no_card_numbers
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.processes import item_kind
from backoffice.refusals import Refused
from workflows.base.spec import Facts, Nothing


class ItemForm(forms.Form):
    """The base of all forms of work items. `item` and `by` are there for choices that depend on the case.

    `pages` divides a long form into steps of (title, names of its fields); empty for a form of one page. `intro` is a
    sentence over the form, `submit` the word on its button. `client_key` is made by the face: the same key twice is
    one answer.
    """

    pages: ClassVar[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = ()
    intro: str | Promise = ""
    submit: str | Promise = _("Send")

    def __init__(self, data: Mapping[str, Any] | None = None, *, item: WorkItem, by: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.item = item
        self.by = by
        no_card_numbers.guard(self)


class OutcomeForm(ItemForm):
    """A choice among the kind's outcomes, and a reason: for work items that are a decision. That the time ran out is
    nobody's decision, and not among them."""

    outcome = forms.ChoiceField(label=_("Your decision"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes to the timeline."),
    )
    labels: ClassVar[Mapping[str, str | Promise]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decisions = item_kind(self.item.case.process, self.item.kind).decisions
        choice = self.fields["outcome"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(outcome.value, self.labels.get(outcome.value, _t(outcome.words))) for outcome in decisions]


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
    """`facts` go to the process, typed as the kind declares them, never personal data. `data` goes to the timeline.

    `keep` is what is stored, sealed, as the answer; None keeps the cleaned form. `refused` leaves the item open and is
    raised once what the rule wrote is committed: a wrong try that counts.
    """

    outcome: str
    facts: Facts = field(default_factory=Nothing)
    data: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    keep: dict[str, Any] | None = None
    refused: Refused | None = None


@dataclass(frozen=True)
class Answering:
    form: type[ItemForm]
    accept: Callable[[Answer], Accepted]


_answering: dict[str, Answering] = {}


def answers(
    kind: str, *, form: type[ItemForm]
) -> Callable[[Callable[[Answer], Accepted]], Callable[[Answer], Accepted]]:
    """Registers the form of a kind of work item and the rule function that takes its valid answer."""

    def register(accept: Callable[[Answer], Accepted]) -> Callable[[Answer], Accepted]:
        _answering[kind] = Answering(form, accept)
        return accept

    return register


def answering(kind: str) -> Answering:
    return _answering[kind]


def registered_kinds() -> frozenset[str]:
    return frozenset(_answering)


class FailureForm(OutcomeForm):
    labels = {"retry": _("Try again"), "give_up": _("Give up and stop the case")}


@answers("resolve_failure", form=FailureForm)
def failure_resolved(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["outcome"], reason=answer.cleaned["reason"])
