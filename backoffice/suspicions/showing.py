"""A group of reports as the desk may see it: what is known of it for everybody, its texts for who holds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.staff.models import User
from backoffice.suspicions.models import GroupState, Match, Proof, Report, Suspicion

MOST_TEXTS = 20


@dataclass(frozen=True)
class Text:
    """One report's own words. `picture` is the id of a document, `on_now` that somebody was on the telephone then."""

    reference: str
    at: datetime
    how: str
    on_now: bool
    sender: str
    text: str
    picture: str
    case: str


@dataclass(frozen=True)
class Line:
    at: datetime
    what: str
    who: str


@dataclass(frozen=True)
class Shown:
    """`targets` is how many customers it concerns, `sources` from how many accounts and networks the reports came."""

    count: int
    targets: int
    sources: int
    vouched: int
    matches: Sequence[str]
    from_one: bool
    phones: Sequence[str]
    mails: Sequence[str]
    hosts: Sequence[str]
    texts: Sequence[Text]
    history: Sequence[Line]


def rows(groups: Iterable[Suspicion]) -> list[tuple[Suspicion, int]]:
    found = list(groups)
    counted = Counter(Report.objects.filter(group__in=found).values_list("group_id", flat=True))
    return [(one, counted[one.id]) for one in found]


def group(found: Suspicion, *, held: bool) -> Shown:
    """Counts over all reports; the texts and what is seen of the fraud only where `held`."""
    plain = Report.objects.filter(group=found)
    told = list(plain.values_list("customer_id", "source_index", "proof", "match"))
    sources = Counter(source for _customer, source, _proof, _match in told)
    matches = Counter(match for _customer, _source, _proof, match in told)
    seen = (found.seen or {}) if held else {}
    return Shown(
        count=len(told),
        targets=len({customer for customer, _source, _proof, _match in told if customer}),
        sources=len(sources),
        vouched=sum(proof != Proof.NONE for _customer, _source, proof, _match in told),
        matches=[f"{Match(match).label}: {count}" for match, count in matches.most_common()],
        from_one=bool(sources) and max(sources.values()) >= 5,
        phones=seen.get("phones", []),
        mails=seen.get("mails", []),
        hosts=seen.get("hosts", []),
        texts=_texts(plain) if held else [],
        history=_history(found),
    )


def _texts(found: QuerySet[Report]) -> list[Text]:
    """Those that somebody vouches for first."""
    return [
        Text(
            reference=one.contact.reference,
            at=one.at,
            how=_("%(where)s; vouched for by %(who)s")
            % {"where": one.get_source_display(), "who": one.get_proof_display() or Proof.NONE.label},
            on_now=one.is_on_now,
            sender=one.sender,
            text=one.text,
            picture=str(one.document.public_id) if one.document and one.document.is_kept else "",
            case=one.case.reference if one.case else "",
        )
        for one in found.select_related("contact", "case", "document").order_by("-proof", "at")[:MOST_TEXTS]
    ]


def _history(found: Suspicion) -> list[Line]:
    words = {
        "taken": _("Taken, to be read"),
        "given_back": _("Given back"),
        GroupState.CONFIRMED: _("Decided: it is fraud"),
        GroupState.CLEARED: _("Decided: it is harmless"),
        "withdrawn": _("The warning was withdrawn"),
        "wiped": _("The texts were deleted: their time was over"),
    }
    ids = {by for _at, _what, by in found.history if by}
    names = {str(one.public_id): one.get_full_name() for one in User.objects.filter(public_id__in=ids)}
    lines = [Line(datetime.fromisoformat(at), words.get(what, ""), names.get(by, "")) for at, what, by in found.history]
    return [Line(found.opened_at, _("First reported"), ""), *lines]
