"""Every sentence of a home visit, on every face, at every moment of its story: what is claimed is true then.

The moments are in `moments.py`, what is read in `faces.py`. `sentences.txt` beside this file shows what the customer
reads at each of them; `pytest --record-sentences -n 0` writes it again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from backoffice.api.shapes import CaseShape
from backoffice.cases import incidents
from backoffice.cases.models import CaseState, IncidentKind, ItemState, WorkItem
from backoffice.cases.turns import whose_turn
from backoffice.portal import selectors
from backoffice.ui.states import State
from backoffice.visits.visitor_card import card_for
from tests.factories import now
from tests.reading import faults, says
from tests.visits import moments
from tests.visits.faces import read
from tests.visits.moments import Moment

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parent / "sentences.txt"
COMES = r"our visitor comes on|our visitor checked in at|our visitor is at your door|our visit to you is now"
NOBODY = r"nobody comes|they are not from us|do not let anybody in|our visitor leaves now|keep the door closed"
CHOOSE = r"choose a time|choose when we visit you"
CALLS = r"one of us calls you"
NAMES_THE_DAY = r"\b(mon|tues|wednes|thurs|fri|satur|sun)day \d{1,2} \w+"


def has_open(moment: Moment, kind: str) -> bool:
    items = WorkItem.objects.filter(case=moment.case, kind=kind, state=ItemState.OPEN)
    return moment.case.state == CaseState.OPEN and items.exists()


def alarms(moment: Moment) -> bool:
    return incidents.open_ones(moment.case).filter(kind=IncidentKind.ALARM).exists()


def of_portal(texts: dict[str, str], *names: str) -> str:
    return "\n".join(texts[f"portal {name}"] for name in names)


@pytest.mark.parametrize("name", moments.ALL)
def test_what_is_claimed_is_true_at_this_moment(name: str, request: pytest.FixtureRequest) -> None:
    moment = moments.reach(name)
    texts = read(moment)

    assert {face: found for face, text in texts.items() if (found := faults(text))} == {}
    _claims_of_the_page(moment, texts)
    _claims_of_the_messages(moment, texts)
    _whose_turn_it_is_on_every_face(moment, texts)
    _compare(_row(name, moment, texts), record=request.config.getoption("--record-sentences"))


def _claims_of_the_page(moment: Moment, texts: dict[str, str]) -> None:
    door, lead, case = texts["portal door"], texts["headline"], moment.case
    on = moment.visit.is_ahead and case.state == CaseState.OPEN
    late = says("time .* has passed", door)
    due = card_for(case, now()) is not None

    assert bool(says(COMES, lead)) is (on and not says("time has passed", lead)), "a visitor comes while one is agreed"
    if not on:
        assert says(NOBODY, door), "where nobody comes, the page says so"
        assert not says(COMES, of_portal(texts, "door", "visit", "case"))
        assert not says(NAMES_THE_DAY, door), "no time of a visit that does not take place"
    assert bool(says("this is our visitor", door)) is due, "who comes is named only while they are due"
    closed = bool(says("do not let anybody in", door))
    offered = has_open(moment, "choose_visit") and not closed
    assert bool(says(CHOOSE, door)) is offered, "a time is offered where one can be chosen"
    assert bool(says("choose another way", door)) is (
        has_open(moment, "choose_alternative") or bool(says("cancel, and choose another way", door))
    )
    waits_for_a_call = alarms(moment) and not moment.visit.is_ahead
    assert bool(says(CALLS, door)) is waits_for_a_call or (not says(CALLS, door) and not late), "a call is promised"
    if case.state == CaseState.CLOSED:
        assert not says(CALLS + "|how you know our visitor|" + CHOOSE, door), "after its end nothing is promised"
        assert says("this part is over", texts["portal visit"]), "the case above says what happens next"
    if case.state == CaseState.FROZEN:
        assert says("paused", lead)
        assert not says("until", texts["desk visit"].partition("Now")[0]), "what is due waits"


def _claims_of_the_messages(moment: Moment, texts: dict[str, str]) -> None:
    sent = {name: text for name, text in texts.items() if name.startswith(("mail", "sms"))}
    phone = re.escape(settings.COMPANY_PHONE)
    for name, text in sent.items():
        whole = " ".join(text.split())
        assert not says("new card|undone|took back|tomorrow", whole), name
        asked = re.findall(r"call us(?! from)", whole, re.IGNORECASE)
        assert len(asked) == len(re.findall(rf"call us (at once )?on {phone}", whole, re.IGNORECASE)), name
    for name, text in texts.items():
        if name.startswith("portal") and says("call us", text):
            assert settings.COMPANY_PHONE in text, name
    if any("visit_missed_by_us" in name for name in sent) and moment.visit.ends and moment.visit.ends > now():
        assert not says("nobody came|should have come", "\n".join(sent.values())), "the time is still ahead"


def _whose_turn_it_is_on_every_face(moment: Moment, texts: dict[str, str]) -> None:
    parent = moment.parent
    family = selectors.family(customer=parent.customer, reference=parent.reference)
    portal, turn = selectors.standing(family).state, whose_turn(parent)

    assert (portal is State.CUSTOMER) is (bool(says("^your turn", texts["portal case"])))
    if parent.state == CaseState.OPEN:
        assert (portal is State.CUSTOMER) is (turn == "customer")
        assert CaseShape(parent).data["waiting_on"] == turn
        if not parent.open_incidents:
            assert bool(says("waiting on the customer", texts["desk case"])) is (turn == "customer")


def _row(name: str, moment: Moment, texts: dict[str, str]) -> str:
    """What is said at this moment: the headline, whose turn it is, the page of the visit, and the newest event."""
    door = texts["portal door"].partition("Our visit to you")[2].partition("How you know our visitor")[0]
    mails = [text.splitlines()[0].partition(" [")[0] for face, text in texts.items() if face.startswith("mail")]
    family = selectors.family(customer=moment.parent.customer, reference=moment.parent.reference)
    standing = selectors.standing(family)
    lines = [
        f"## {name}",
        f"headline  {texts['headline'].splitlines()[1]}",
        f"standing  {standing.words}. {standing.says}",
        *(f"page      {line}" for line in door.splitlines() if line and "Badge" not in line and line[:4] != "Name"),
        f"event     {texts['timeline for customer'].splitlines()[-1]}",
        *(f"mail      {subject}" for subject in mails),
    ]
    text = re.sub(r"\b\w+day \d{1,2} \w+(, (between )?\d\d:\d\d (to|and) \d\d:\d\d)?", "<time>", "\n".join(lines))
    return re.sub(r"\b\d{3} \d{3}\b.*", "<digits>", text)


def _compare(row: str, *, record: bool) -> None:
    rows = {one.partition("\n")[0]: one.strip("\n") for one in re.split(r"(?m)^(?=## )", TABLE.read_text()) if one}
    name = row.partition("\n")[0]
    if record:
        known = {f"## {moment}": "" for moment in moments.ALL} | rows | {name: row}
        TABLE.write_text("\n\n".join(one for key, one in known.items() if one and key[3:] in moments.ALL) + "\n")
    else:
        assert row == rows.get(name), "look at each sentence that changed, then run pytest --record-sentences -n 0"
