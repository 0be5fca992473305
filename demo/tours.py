"""Five short tours of the demonstration, one for each kind of reader. Every step is true at any time: with and without
the story, and long after the week was played."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Step:
    """What to do, and what to see by it. `at` is the path where it begins, or the name of one of the outside pages."""

    do: Words
    see: Words
    at: str = ""
    link: Words = ""


@dataclass(frozen=True)
class Tour:
    """`who` is the user name of the person to be; empty for a stranger, who does not sign in."""

    key: str
    title: Words
    who: str
    steps: tuple[Step, Step, Step]


INBOX, ISSUER, TEMPORAL = "inbox", "issuer", "temporal"
TOURS = (
    Tour(
        "customer",
        _("A worried customer"),
        "maria",
        (
            Step(
                _("Be Maria, and report that one of your cards was stolen."),
                _("The card is blocked at once, and the case says whose turn it is and what happens next."),
                "/portal/open/",
                _("Something is wrong with my card"),
            ),
            Step(
                _("Look for the mail about it in the sink of all messages."),
                _("It begins with your phrase, tells how to check it, and has no link that a forger could copy."),
                INBOX,
                _("All messages"),
            ),
            Step(
                _("Confirm that it is you with the six digits beside Maria on this page, and answer the questions."),
                _("Your number is new, so a visitor is to come: choose a time, or another way."),
                "/portal/",
                _("My cases"),
            ),
        ),
    ),
    Tour(
        "clerk",
        _("A clerk with a ringing telephone"),
        "hanna",
        (
            Step(
                _("Be Hanna, and open what waits for your role."),
                _("Each line is one decision: what to do, for whom, until when, and why now."),
                "/desk/?tab=roles",
                _("My roles"),
            ),
            Step(
                _("“Jansen” rings, and reads out a mail. Copy one from the sink of messages into “Is this ours?”."),
                _("One of three answers in a second, with the words to say. Change the check code, and try again."),
                "/desk/ours/",
                _("Is this ours?"),
            ),
            Step(
                _("Search for Jansen, and open one of them."),
                _("There are several. Who opens a record without a case says why, and the opening is noted."),
                "/desk/?q=Jansen",
                _("Search"),
            ),
        ),
    ),
    Tour(
        "supervisor",
        _("A supervisor, and the second pair of eyes"),
        "sam",
        (
            Step(
                _("Be Sam, and look at what is overdue."),
                _("What was not done in time comes to the supervisors by itself."),
                "/desk/?tab=overdue",
                _("Overdue"),
            ),
            Step(
                _("Open what needs attention."),
                _("An incident says what went wrong, since when, and who must look into it before the case goes on."),
                "/desk/?tab=attention",
                _("Needs attention"),
            ),
            Step(
                _("Review a visit as Sam. Then be Ada, open the same case and approve it, and try it the other way."),
                _("Nobody has two parts in one case: who reviewed does not approve, whatever the page."),
                "/desk/?tab=roles",
                _("My roles"),
            ),
        ),
    ),
    Tour(
        "visitor",
        _("A visitor at a door"),
        "viktor",
        (
            Step(
                _("Be Viktor, on a telephone or in a narrow window."),
                _("The visits of today, with their windows. One can be begun from half an hour before its window."),
                "/field/",
                _("Today"),
            ),
            Step(
                _("Begin a visit: check in without sharing the place, and say that the customer opened."),
                _("Your half of the code fills the screen. Only the customer's own page can say that it fits."),
                "/field/",
                _("Today"),
            ),
            Step(
                _("Say “I do not feel safe”. Then be Sam, and open what needs attention."),
                _("The visit is over at once, and the alarm is there."),
                "/desk/?tab=attention",
                _("Needs attention"),
            ),
        ),
    ),
    Tour(
        "stranger",
        _("A stranger with a strange message"),
        "",
        (
            Step(
                _("Copy the check code out of any message in the sink."),
                _("Every message of ours carries one: five groups of characters."),
                INBOX,
                _("All messages"),
            ),
            Step(
                _("Type it on the public page."),
                _("It is ours: what kind of message, and when. No name, no address."),
                "/check/",
                _("Check a message"),
            ),
            Step(
                _("Type it again with another last character."),
                _("We cannot tell: it is no whole code of ours. What to do now, and the number to call."),
                "/check/",
                _("Check a message"),
            ),
        ),
    ),
)
