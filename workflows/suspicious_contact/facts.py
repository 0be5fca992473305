"""What a suspicious contact learns and says, and the outcomes of its work items: typed facts, never personal data."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Match(StrEnum):
    """What the contact register says of what was reported."""

    OURS = "ours"
    NOT_OURS = "not_ours"
    CANNOT_TELL = "cannot_tell"


class Verdict(StrEnum):
    """What the analyst says of a group of reports."""

    CONFIRMED = "confirmed"
    CLEARED = "cleared"


class Gave(StrEnum):
    """What the customer has said that they gave away: the graver decides. NOTHING is in older histories only: whoever
    is signed in as the customer can say it, so nothing goes on by it."""

    UNKNOWN = "unknown"
    NOTHING = "nothing"
    SOMETHING = "something"


class SuspicionOpening(Facts, frozen=True):
    """`proven`: the report is the customer's own, or that of one of us who speaks with them. `known` is the verdict, if
    the same contact was decided on before."""

    match: Match
    proven: bool = True
    known: Verdict | None = None


class Decided(Facts, frozen=True):
    """The analyst's decision on the group, which serves each case of it."""

    verdict: Verdict


class Rematched(Facts, frozen=True):
    """What the register says after the customer told more, and how many cases the report has paused."""

    match: Match = Match.CANNOT_TELL
    paused: int = 0


class Weighed(Facts, frozen=True):
    """`paused` is how many cases are still paused because of this report alone."""

    paused: int = 0
    gave: Gave = Gave.UNKNOWN


class ToldMore(Outcome):
    TOLD = "told", N_("told more")
    EXPIRED = "expired", N_("did not tell more in time")


class WasItYou(Outcome):
    """What the customer says of a report that nobody has proven."""

    MINE = "mine", N_("the report was theirs")
    NOT_MINE = "not_mine", N_("the report was not theirs: what it paused goes on")
    EXPIRED = "expired", N_("did not say in time")


class MadeSafe(Outcome):
    GO_ON = "go_on", N_("The account is safe: what is paused goes on")
    STAY = "stay", N_("What is paused stays paused: each case is decided on its own page")
