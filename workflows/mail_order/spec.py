"""Order by mail, declared: its stages, work items, effects, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    CUSTOMER_PHONE,
    N_,
    Effect,
    Ending,
    Evidence,
    ItemKind,
    MessageChannel,
    Nothing,
    Notice,
    Performer,
    Periods,
    ProcessSpec,
    Result,
    Stage,
    WhenDue,
)
from workflows.mail_order.facts import LookedInto, MailOrderOpening, Told


@dataclass(frozen=True)
class MailOrderPeriods(Periods):
    the_desk_reads_a_mail: timedelta = timedelta(hours=8)
    customer_says: timedelta = timedelta(days=7)
    look_into_a_forgery: timedelta = timedelta(hours=4)


PERIODS = MailOrderPeriods()


class MailOrderStage(Stage):
    ASKED = "asked", N_("Customer asked"), N_("You say whether the mail is yours")
    CONFIRMED = "confirmed", N_("Confirmed"), N_("You wrote the mail"), True
    SUSPICION = "suspicion", N_("Forgery looked into"), N_("We look into the mail"), True


class MailOrderEnding(Ending):
    NOT_SAID = "not_said", Result.EXPIRED, N_("The customer did not say whether the mail was theirs.")
    FORGED = "forged", Result.REJECTED, N_("Somebody else wrote in the customer's name.")
    MISTAKEN = "mistaken", Result.REJECTED, N_("The customer did not know the mail; it was theirs after all.")


HEADERS = Evidence(name="headers", title=N_("What the headers of the mail say"))

SAY = ItemKind(
    name="say_whose",
    title=N_("The customer says whether the mail is theirs"),
    customer_title=N_("Did you write this mail to us?"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Told,
    facts=Nothing,
    due=PERIODS.customer_says,
    when_due=WhenDue.EXPIRE,
)
LOOK_INTO = ItemKind(
    name="look_into_forgery",
    title=N_("Look into a mail that the customer did not write"),
    performer=Performer.ROLE,
    role="compliance",
    part="investigator",
    evidence=(HEADERS, CUSTOMER_PHONE),
    outcomes=LookedInto,
    facts=Nothing,
    due=PERIODS.look_into_a_forgery,
    while_frozen=True,
)

RAISE_ALARM = Effect(name="raise_alarm", args=Nothing, answer=Nothing)

MAIL_AND_SMS = (MessageChannel.MAIL, MessageChannel.SMS)
RECEIVED_NOTICE = Notice(
    name="mail_received",
    about=N_("It says that we received a mail that seems to be from the reader, and that nothing changes by it."),
    asks=N_("It asks to sign in as always, and to say there whether the mail was theirs."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
CONFIRMED_NOTICE = Notice(
    name="mail_confirmed",
    about=N_("It says that the reader told us in the portal that a mail was theirs."),
    asks=N_("It asks to sign in as always and to start there what the mail asked for."),
    urgent=True,
)
NOT_YOURS_NOTICE = Notice(
    name="mail_not_yours",
    about=N_("It says that somebody wrote to us in the reader's name, and that nothing was changed."),
    asks=N_("It asks to call us if anything else is strange."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
NEUTRAL_NOTICE = Notice(
    name="neutral_answer",
    about=N_("It answers a mail of somebody whom we do not know, and says that we do nothing by mail."),
    asks=N_("It asks a customer of ours to sign in as always, or to call us."),
)
"""No case sends it: the desk does, for a mail of which no case came."""

MAIL_ORDER = ProcessSpec(
    name="mail_order",
    title=N_("Order by mail"),
    customer_title=N_("A mail that seems to be from you"),
    stages=MailOrderStage,
    endings=MailOrderEnding,
    kinds=(SAY, LOOK_INTO),
    effects=(RAISE_ALARM,),
    notices=(RECEIVED_NOTICE, CONFIRMED_NOTICE, NOT_YOURS_NOTICE, NEUTRAL_NOTICE),
    periods=PERIODS,
    opening=MailOrderOpening,
    stopping=N_("Nothing is changed by the mail."),
    harmless=True,
)
