"""The codes with which second parties join a case: made, and sent by mail or by letter. Each is good once, and a newer
one of the same kind voids it.

There are two. The first says that somebody was invited: it goes by mail or by post, or from hand to hand. Who got it
not by mail gives a mail address of their own, and the second code, which goes there, shows that the address is theirs.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.actors import Actor, system
from backoffice.cases.models import Case, Party
from backoffice.cases.ways import CODE_BY_MAIL, Way, code_lasts
from backoffice.customers import contact_points
from backoffice.customers.addresses import index_of, mask
from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.messages.telling import Notice, tell, tell_all
from backoffice.refusals import Conflict
from backoffice.trust import codes
from backoffice.trust.models import Code
from workflows.base.spec import PARTY_ASKED, PARTY_INVITED, PARTY_INVITED_BY_LETTER, PARTY_PROVES_MAIL

LENGTH = 14
"""Characters from an alphabet of thirty: more than 64 bits (NIST SP 800-63A)."""
MOST_PROOFS = 5
"""Codes to a mail address of their own that one party can ask for: who never gets one has typed a wrong address."""


def write_to(case: Case, party: Party, *, by: Actor, now: datetime) -> None:
    """Writes to the party: with a code by their way, or without one if they have an account. Who gets the code from the
    other one's hand is not written to."""
    if party.customer.user_id is not None:
        _tell(case, party, PARTY_ASKED.name, "mail", {}, by=by, now=now)
    elif party.way != Way.HAND:
        by_letter = party.way == Way.LETTER
        clear, until = issue(case, party, now=now)
        context = {"code": codes.in_groups(clear), "until": until.isoformat()}
        notice = PARTY_INVITED_BY_LETTER if by_letter else PARTY_INVITED
        _tell(case, party, notice.name, "letter" if by_letter else "mail", context, by=by, now=now)


def issue(case: Case, party: Party, *, now: datetime) -> tuple[str, datetime]:
    """A new code of the invitation, and until when it is good (UTC). Whatever the party had before is void. Raises
    `codes.NoMoreCodes`."""
    forget_claim(party, now=now)
    lasts = code_lasts(Way(party.way), country=_country(party))
    minutes = int(lasts.total_seconds() // 60)
    _code, clear = codes.issue(case_id=party.root_id, action=action(party), minutes=minutes, length=LENGTH, now=now)
    return clear, now + lasts


def prove_mail(case: Case, party: Party, mail: str, *, now: datetime) -> None:
    """Sends a code to the mail address that the party gave, and keeps the address until it is proven. Raises
    `Conflict` when too many were sent, and `codes.NoMoreCodes`."""
    if proofs_of(party).count() >= MOST_PROOFS:
        sentence = _("We have sent as many codes as we send for one invitation. Ask for a new invitation.")
        raise Conflict("enough_codes", sentence, field="mail")
    forget_claim(party, now=now)
    index = index_of(kind=ContactKind.MAIL, value=mail)
    minutes = int(CODE_BY_MAIL.total_seconds() // 60)
    _code, clear = codes.issue(
        case_id=party.root_id, action=proof_action(party), target=index, minutes=minutes, length=LENGTH, now=now
    )
    party.claimed_mail = mail
    party.save(update_fields=["claimed_mail"])
    shown = mask(kind=ContactKind.MAIL, value=mail)
    point = ContactPoint(customer=party.customer, kind=ContactKind.MAIL, value=mail, value_index=index, masked=shown)
    context = {"code": codes.in_groups(clear), "until": (now + CODE_BY_MAIL).isoformat()}
    notice = Notice(PARTY_PROVES_MAIL.name, context, urgent=True, to_new=point)
    tell_all(
        customer=party.customer, case_id=case.id, case_reference=case.reference, notices=(notice,), by=system(), now=now
    )


def forget_claim(party: Party, *, now: datetime) -> None:
    """The mail address that was given and not proven, and the code that went there, count no more."""
    codes.void(case_id=party.root_id, action=proof_action(party), now=now)
    if party.claimed_mail is not None:
        party.claimed_mail = None
        party.save(update_fields=["claimed_mail"])


def is_claimed(party: Party, mail: str) -> bool:
    """Whether the party gave this mail address, and has not proven it yet."""
    claimed, kind = party.claimed_mail, ContactKind.MAIL
    return claimed is not None and index_of(kind=kind, value=claimed) == index_of(kind=kind, value=mail)


def made(party: Party) -> QuerySet[Code]:
    """The codes of the invitation, the newest first."""
    return Code.objects.filter(case_id=party.root_id, action=action(party)).order_by("-issued_at")


def proofs_of(party: Party) -> QuerySet[Code]:
    """The codes that went to an address of the party's own since the invitation in force was made."""
    last = made(party).first()
    found = Code.objects.filter(case_id=party.root_id, action=proof_action(party))
    return found.filter(issued_at__gte=last.issued_at) if last else found


def action(party: Party) -> str:
    return f"join:{party.role}"


def proof_action(party: Party) -> str:
    return f"join_mail:{party.role}"


def _country(party: Party) -> str:
    point = contact_points.current(customer=party.customer, kind=ContactKind.POSTAL)
    return point.address.country if point is not None and point.address is not None else ""


def _tell(
    case: Case, party: Party, template: str, channel: str, context: dict[str, str], *, by: Actor, now: datetime
) -> None:
    tell(
        customer=party.customer,
        case_id=case.id,
        case_reference=case.reference,
        template=template,
        context=context,
        channels=(channel,),
        by=by,
        now=now,
    )
