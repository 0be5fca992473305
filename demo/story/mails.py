"""A forged mail: it asks for a domain in its holder's name, ends as a hint, and changes nothing."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from django.conf import settings
from django.utils import timezone

from .browser import Lost, Page
from .somebody import Somebody
from .telephone import line_of, mail_to, reference_in, sentence_of, stop_what_is_open
from .world import World

ON_FILE = "piotr.nowak@example.org"
FORGED = "piotr.n0wak@example.org"
"""With a nought for the o."""
ANSWERS_TO = "piotr.nowak@post.test"
DOMAIN = "nowak.example"
TEXT = f"""Dear team,

this is urgent: move {DOMAIN} to another registrar today, and send me its code. My telephone is broken, so do not
call me; answer to this address only.

Piotr Nowak
"""
MAILS = "/desk/mails/"
_MAIL = re.compile(r"/desk/mails/[^/]+/$")


def play_mail(world: World) -> None:
    """Plays it from the sending to the end of the case, so that it can be played again at once."""
    hanna, piotr, carla = (Somebody(world, name) for name in ("hanna", "piotr", "carla"))
    hanna.sign_in()
    piotr.sign_in()
    carla.sign_in()
    finish_interrupted(piotr, carla)
    mail = send(world, hanna)
    case = look_at_it(hanna, mail)
    ask_the_customer(world, piotr, case)
    look_into_it(world, carla, case)
    what_is_left(hanna, piotr, mail, case)


def finish_interrupted(piotr: Somebody, carla: Somebody) -> None:
    """What an interrupted story left open. The customer can stop the question, but not what compliance looks into."""
    stop_what_is_open(piotr, "A mail that seems to be from you")
    while address := carla.browser.open("/desk/?tab=roles").link_in_line("Look into a mail", "Nowak"):
        form = carla.browser.open(address).form("outcome", "reason")
        carla.browser.send(form, outcome="forged", reason="Left by an earlier story.")


def send(world: World, hanna: Somebody) -> str:
    """The forger's mail goes to our mailbox, by SMTP as all mails do. Gives the address of its page at the desk."""
    before = mails_on(hanna.browser.open(MAILS))
    message = EmailMessage()
    message["From"] = f"Piotr Nowak <{FORGED}>"
    message["Reply-To"] = ANSWERS_TO
    message["To"] = settings.MAIL_INTAKE_ADDRESSES[0]
    message["Subject"] = f"URGENT: {DOMAIN}"
    message["Date"] = format_datetime(timezone.now())
    message["Message-ID"] = make_msgid(domain="post.test")
    message.set_content(TEXT)
    with smtplib.SMTP("127.0.0.1", int(world.addresses["MAIL_INTAKE_PORT"]), timeout=30) as server:
        server.send_message(message, from_addr=FORGED)
    world.tell("Forger", f"writes to us as Piotr Nowak: “move {DOMAIN} today, do not call me”")

    def arrived() -> str | None:
        page = hanna.browser.open(MAILS)
        new = sorted(mails_on(page) - before)
        line = next((one for one in page.html.split("<li") if new and new[0] in one), "")
        return new[0] if new and "not analysed yet" not in line else None

    return world.until("the mail is received and analysed", arrived)


def mails_on(page: Page) -> set[str]:
    """The paths of the mails on the list."""
    found = (re.search(_MAIL, address) for address in page.links.values())
    return {one[0] for one in found if one}


def look_at_it(hanna: Somebody, mail: str) -> str:
    """The clerk reads the hint and its reasons, and asks the customer. Gives the reference of the case."""
    page = hanna.browser.open(mail)
    page = hanna.browser.send(page.form("do", button="Take and read")).expect("made to look like", "Against it")
    hanna.does(f"takes the mail; above it stands: {sentence_of(page, 'It is forged')}")
    for reason in ("The sender's address is made to look like", "An answer would go to", "Its tone is urgent"):
        hanna.sees(sentence_of(page, reason))
    form = page.form("customer", "asks")
    page = hanna.browser.send(form, customer=form.choices["customer"][0], asks="domain_transfer_out")
    page.expect("The customer is asked, at the address on file")
    hanna.does("does not answer it, whatever it says, and has the customer asked at the address on file")
    return reference_in(page.url)


def ask_the_customer(world: World, piotr: Somebody, case: str) -> None:
    told = mail_to(world, ON_FILE, case, "seems to be from you")
    piotr.does(f"gets a mail: {told['subject']}")
    piotr.sees(line_of(told, "We do nothing because of a mail"))
    page = piotr.give_code(piotr.find(f"/portal/cases/{case}/", "Did you write this mail"))
    page.expect("Nothing was changed")
    piotr.browser.send(page.form("decision"), decision="not_mine").expect("We have your answer")
    piotr.does("signs in as always, and says, with a code of the authenticator: No, I did not write it")


def look_into_it(world: World, carla: Somebody, case: str) -> None:
    """The alarm is on compliance's worklist."""
    page = carla.take_up("/desk/?tab=roles", "Look into a mail", case)
    carla.does("has an alarm on the worklist: the customer did not write the mail")
    form = page.form("outcome", "reason")
    reason = "The customer knows nothing of it; the address has a nought for the o."
    carla.browser.send(form, called_customer="reached", outcome="forged", reason=reason)
    carla.does("calls the number on file, and confirms: somebody else wrote in the customer's name")
    told = mail_to(world, ON_FILE, case, "Somebody wrote to us in your name")
    world.tell("Piotr", f"is told: {line_of(told, 'Nothing was changed because of it')}")


def what_is_left(hanna: Somebody, piotr: Somebody, mail: str, case: str) -> None:
    """A mail that the customer did not write, and a domain that is as it was."""

    def ended() -> Page | None:
        page = hanna.browser.open(mail)
        return page if "The customer did not write it" in page.text else None

    hanna.world.until(f"case {case} ends", ended)
    left: dict[str, Any] = piotr.browser.open("/portal/mine/").links
    if not any(DOMAIN in words for words in left):
        raise Lost(f"{DOMAIN} is not among the domains of its holder: {list(left)}")
    hanna.sees(f"the mail is kept as a hint, with its evidence; {DOMAIN} is where it was")
