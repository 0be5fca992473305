"""What each kind of event says: one sentence for staff and, where the customer may see it, one for him.

An app registers its own at the foot of its `activities.py` or `forms.py`; a kind without a sentence cannot be noted.
Placeholders are `%(name)s` and are filled from the event's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Sentence:
    staff: Text
    customer: Text | None = None


_sentences: dict[str, Sentence] = {}


_DECLARED = ("stage", "title")
"""What an event keeps in the English of the declarations, and shows in its reader's language."""


class _Forgiving(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def _shown(data: Mapping[str, str]) -> Mapping[str, str]:
    translated = {name: gettext(data[name]) for name in _DECLARED if data.get(name)}
    return _Forgiving({**data, **translated})


def register(kind: str, staff: Text, customer: Text | None = None) -> None:
    _sentences[kind] = Sentence(staff, customer)


def known(kind: str) -> bool:
    return kind in _sentences


def all_kinds() -> Mapping[str, Sentence]:
    return dict(_sentences)


def for_staff(kind: str, data: Mapping[str, str]) -> str:
    sentence = _sentences.get(kind)
    return str(sentence.staff) % _shown(data) if sentence else kind


def for_customer(kind: str, data: Mapping[str, str]) -> str | None:
    """None where the customer does not see this kind of event."""
    sentence = _sentences.get(kind)
    if sentence is None or sentence.customer is None:
        return None
    return str(sentence.customer) % _shown(data)


register("case.opened", _("The case was opened: %(why)s."), _("We opened this case."))
register("case.stage", _("Reached the stage “%(stage)s”."))
register("case.told", _("The customer was told (%(template)s, by %(channels)s)."), _("We wrote to you."))
register("case.no_return", _("Passed the point of no return."))
register("case.closed", _("The case was closed: %(outcome)s."), _("This case is closed."))
register("case.withdraw_requested", _("The case is being stopped."), _("You or we asked to stop this case."))
register("case.frozen", _("The case was frozen."), _("We paused this case while we look into something."))
register("case.unfrozen", _("The case was unfrozen."), _("This case goes on."))
register("case.attention", _("Needs attention: %(why)s."))
register("case.attention_cleared", _("Attention given: %(why)s."))
register("item.opened", _("Asked: %(title)s."))
register("item.claimed", _("Claimed: %(title)s."))
register("item.released", _("Released: %(title)s."))
register("item.handed_over", _("Handed over: %(title)s."))
register("item.answered", _("Answered: %(title)s (%(outcome)s)."), None)
register("item.answered_by_customer", _("The customer answered: %(title)s (%(outcome)s)."), _("You answered."))
register("item.reminded", _("Reminded: %(title)s."), None)
register("item.escalated", _("Not done in time, raised to the supervisors: %(title)s."))
register("item.expired", _("Nobody answered in time: %(title)s."), _("The time to answer ran out."))
register("item.withdrawn", _("No longer needed: %(title)s."))
register("item.draft_saved", _("Saved half-way: %(title)s."))
register("child.opened", _("A case under this one was opened: %(reference)s."))
register("child.closed", _("The case under this one is closed: %(reference)s, %(outcome)s."))
