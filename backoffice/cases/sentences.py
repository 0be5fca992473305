"""What each kind of event says: one sentence for staff and, where customers may see it, one for them.

A process registers its own through the catalogue; a kind without a sentence cannot be noted. Placeholders are
`%(name)s`. They are filled from the event's data, after `words.py` has put its codes into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Sentence:
    staff: Text
    customer: Text | None = None


_sentences: dict[str, Sentence] = {}


class _Forgiving(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def register(kind: str, sentence: Sentence) -> None:
    """Raises `ValueError` when a kind has a sentence already."""
    if _sentences.setdefault(kind, sentence) is not sentence:
        raise ValueError(f"two sentences are given for the event {kind!r}")


def known(kind: str) -> bool:
    return kind in _sentences


def all_kinds() -> Mapping[str, Sentence]:
    return dict(_sentences)


def for_staff(kind: str, shown: Mapping[str, str]) -> str:
    """`shown` is what `words.of_event` gives."""
    sentence = _sentences.get(kind)
    return str(sentence.staff) % _Forgiving(shown) if sentence else kind


def for_customer(kind: str, shown: Mapping[str, str]) -> str | None:
    """None where the customer does not see this kind of event."""
    sentence = _sentences.get(kind)
    if sentence is None or sentence.customer is None:
        return None
    return str(sentence.customer) % _Forgiving(shown)


COMMON: Mapping[str, Sentence] = {
    "case.opened": Sentence(_("The case was opened: %(why)s."), _("We opened this case.")),
    "case.stage": Sentence(_("Reached the stage “%(stage)s”.")),
    "case.told": Sentence(_("The customer was told by %(channels)s: %(about)s."), _("We wrote to you.")),
    "case.no_return": Sentence(_("Passed the point of no return.")),
    "case.closed": Sentence(_("The case was closed: %(outcome)s."), _("This case is closed.")),
    "case.withdraw_requested": Sentence(_("The case is being stopped."), _("We began to stop this case.")),
    "case.stopped_by_notice": Sentence(
        _("Somebody stopped the case with the code of a message, and the last digits of a telephone number."),
        _("This case was stopped with the code of one of our messages."),
    ),
    "case.frozen": Sentence(_("The case was frozen."), _("We paused this case while we look into something.")),
    "case.frozen_too": Sentence(_("There is another reason to keep the case frozen.")),
    "case.unfrozen": Sentence(_("The case was unfrozen."), _("This case goes on.")),
    "case.attention": Sentence(_("Needs attention: %(why)s.")),
    "case.attention_cleared": Sentence(_("No longer needs attention: %(why)s.")),
    "item.opened": Sentence(_("Asked: %(title)s.")),
    "item.claimed": Sentence(_("Claimed: %(title)s.")),
    "item.released": Sentence(_("Released: %(title)s.")),
    "item.handed_over": Sentence(_("Handed over: %(title)s.")),
    "item.answered": Sentence(_("Answered: %(title)s (%(outcome)s)."), None),
    "item.answered_by_customer": Sentence(_("The customer answered: %(title)s (%(outcome)s)."), _("You answered.")),
    "item.reminded": Sentence(_("Reminded: %(title)s."), None),
    "item.escalated": Sentence(_("Not done in time, raised to the supervisors: %(title)s.")),
    "item.expired": Sentence(_("Nobody answered in time: %(title)s."), _("The time to answer ran out.")),
    "item.withdrawn": Sentence(_("No longer needed: %(title)s.")),
    "item.evidence_shown": Sentence(
        _("Looked at evidence that is shown for a reason only."), _("One of us looked at your data, for a reason.")
    ),
    "item.draft_saved": Sentence(_("Saved half-way: %(title)s.")),
    "party.invited": Sentence(_("Another party was invited: %(party)s."), _("We wrote to the other party.")),
    "party.invited_by_letter": Sentence(
        _("Another party was invited by letter: %(party)s."), _("We sent a letter to the other party.")
    ),
    "party.named": Sentence(
        _("Another party was named, to whom the customer gives a code: %(party)s."),
        _("You named the other party. You give them a code yourself."),
    ),
    "party.code_made": Sentence(
        _("The customer made a code to hand over to the other party (%(party)s)."),
        _("You made a code for the other party."),
    ),
    "party.gave_mail": Sentence(
        _("Somebody with the code of the other party (%(party)s) gave an e-mail address of their own.")
    ),
    "party.told": Sentence(_("The other party (%(party)s) was told by %(channels)s: %(about)s.")),
    "party.joined": Sentence(_("The other party opened an account %(way)s: %(party)s."), _("You joined this case.")),
    "party.joined_with_account": Sentence(
        _("The other party joined %(way)s, with the account that they had: %(party)s."), _("You joined this case.")
    ),
    "child.opened": Sentence(_("A case under this one was opened: %(reference)s.")),
    "child.closed": Sentence(_("The case under this one is closed: %(reference)s, %(outcome)s.")),
}
for _kind, _sentence in COMMON.items():
    register(_kind, _sentence)
