"""The customer's list: one line for each payment that the network did not move, with what to do at that biller. It is
ticked off line by line, or several at once, by the customer, or by the biller that confirms the new card."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cards.autopay import lines
from backoffice.cards.autopay.models import Biller, Line, LineState, MovedBy, NetworkAnswer, Whose
from backoffice.cards.autopay.rights import CONFIRM_MOVE, TICK_OFF
from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.cases.models import CaseState
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from workflows.autopay_update.facts import Ticked


class How(StrEnum):
    """What the customer says of a line."""

    MOVED = "moved"
    OVER = "over"
    NOT_MINE = "not_mine"


STATES = {How.MOVED: LineState.MOVED, How.OVER: LineState.OVER, How.NOT_MINE: LineState.NOT_MINE}
NOT_YET = "not_yet"
CHOICES = [
    (NOT_YET, _("Not yet")),
    (How.MOVED.value, _("I have given them the new card, or pay in another way")),
    (How.OVER.value, _("This payment is over")),
    (How.NOT_MINE.value, _("This is not mine")),
]


def what_to_do(line: Line) -> str:
    """In words, for the customer: why this one did not move by itself, and what they can do there."""
    name = {"biller": line.mandate.biller.name}
    why = {
        NetworkAnswer.CLOSED: _t("The card network could only tell %(biller)s that the old card is closed."),
        NetworkAnswer.CONTACT_HOLDER: _t("%(biller)s wants to hear from you before it takes a new card."),
        NetworkAnswer.NOT_PARTICIPATING: _t("%(biller)s does not take new numbers from the card networks."),
        NetworkAnswer.NO_MATCH: _t("The card network does not know this payment to %(biller)s."),
    }.get(NetworkAnswer(line.answer))
    if why is None:
        silent = _t("%(biller)s has not answered the card network in five days.")
        why = silent if line.in_batch else _t("You added %(biller)s after we had asked the card network.")
    how = line.mandate.biller.how_to_change or _t(
        "Look at their last bill or in your account there: it says how to change a card. Use the address on the bill, "
        "not one from a message."
    )
    return " ".join(one for one in (why % name, how, _whose(line)) if one)


def _whose(line: Line) -> str:
    """What who does not get the bill cannot know, and need not."""
    match Whose(line.mandate.whose):
        case Whose.HOUSEHOLD:
            return _t(
                "It is a bill of your household: whoever gets it can do this, too, and finds there what the company "
                "asks for."
            )
        case Whose.OTHER:
            return _t(
                "It is somebody else's bill: do it together with them. What the company asks for stands on their bill."
            )
        case Whose.OWN:
            return ""


class LineField(forms.ChoiceField):
    """What became of one payment. Who says nothing of it has not done it yet."""

    widget = forms.RadioSelect

    def clean(self, value: Any) -> Any:
        return super().clean(value or NOT_YET)


class MoveRestForm(ItemForm):
    """The whole list at once. What is not done yet stays on it."""

    submit = _("Tick off")
    intro = _(
        "Tick off what you have done. What you leave at “Not yet” stays on the list. We never ask for a card number or "
        "for your number at a company."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = lines.to_do(lines.update_of(self.item.case))
        for line in self._lines:
            self.fields[_name(line)] = LineField(
                label=line.mandate.biller.name, help_text=what_to_do(line), choices=CHOICES, initial=NOT_YET
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self._lines and not self.errors and not any(_said(cleaned, line) for line in self._lines):
            raise forms.ValidationError(_t("Tick off at least one of them. What is not done yet stays on the list."))
        return cleaned

    def kept_in_words(self, name: str, kept: Any) -> str:
        """A line that was ticked off is no field of the form any more."""
        return str(dict(CHOICES).get(kept, "")) if name.startswith(_PREFIX) else ""


_PREFIX = "line_"


def _name(line: Line) -> str:
    return f"{_PREFIX}{line.public_id.hex}"


def _said(cleaned: Mapping[str, Any], line: Line) -> str:
    """What the customer says became of a line; empty for what is not done yet."""
    how = str(cleaned.get(_name(line), NOT_YET))
    return "" if how == NOT_YET else how


def rest_moved(answer: Answer) -> Accepted:
    """The rule of the item: every tick counts, and "all" when none is left."""
    update = lines.update_of(answer.case)
    given = lines.to_do(update)
    for line in given:
        if how := _said(answer.cleaned, line):
            with lines.changing_line(line) as locked:
                lines.settle(locked, STATES[How(how)], how=MovedBy.CUSTOMER, by=answer.by, now=answer.now)
    left = len(lines.to_do(update))
    ticked = {_name(line): how for line in given if (how := _said(answer.cleaned, line))}
    return Accepted(Ticked.SOME.value if left else Ticked.ALL.value, data={"left": str(left)}, keep=ticked)


@needs(TICK_OFF)
def tick(*, line_id: uuid.UUID, how: How, by: Actor, now: datetime) -> Line:
    """One line, by its customer. Ticked off before, it stays as it was. What was left with the old number can be ticked
    off as moved later, too. Raises `NotFound` for another's line, and `Conflict` for a case that is paused or closed
    and for a line that we still ask the network about."""
    line = Line.objects.select_related("update__case__customer").filter(public_id=line_id).first()
    customer = str(line.update.case.customer.public_id) if line else ""
    if line is None or by.kind is not ActorKind.CUSTOMER or by.id != customer:
        raise NotFound("unknown_line", _t("There is no such payment of yours."))
    with lines.changing_line(line) as locked:
        case = locked.update.case
        if case.state == CaseState.FROZEN:
            raise Conflict("frozen", _t("This case is paused while we look into something. Nothing was changed."))
        is_left = case.state == CaseState.CLOSED and how is How.MOVED and lines.can_settle(locked)
        if case.state != CaseState.OPEN and locked.state in (*lines.OPEN, LineState.LEFT) and not is_left:
            raise Conflict("closed", _t("This case is closed or being stopped. Nothing was changed."))
        if locked.state == LineState.ASKED and how is How.MOVED:
            raise Conflict("asked", _t("We still ask the card network about this one. Wait for its answer."))
        lines.settle(locked, STATES[how], how=MovedBy.CUSTOMER, by=by, now=now)
        return locked


@needs(CONFIRM_MOVE)
def confirmed(*, biller: Biller, line_id: uuid.UUID, by: Actor, now: datetime) -> bool:
    """A biller has the new card: whether that was news. Raises `NotFound` for a line that is not this biller's."""
    line = Line.objects.filter(public_id=line_id, mandate__biller=biller).first()
    if line is None:
        raise NotFound("unknown_line", _t("We know no such payment to you."), field="line")
    with lines.changing_line(line) as locked:
        return lines.settle(locked, LineState.MOVED, how=MovedBy.BILLER, by=by, now=now)


_WAYS = {
    How.MOVED: _("I have given them the new card"),
    How.OVER: _("It is over"),
    How.NOT_MINE: _("Not mine"),
}
LATE_WAYS = {How.MOVED.value: _WAYS[How.MOVED]}
"""What can be said of a line that was left with the old number."""


def ways() -> Mapping[str, str]:
    """The buttons of a line: what each says."""
    return {how.value: str(said) for how, said in _WAYS.items()}
