"""The rows of the policy table for mails that people send us, beside their work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import READERS, WRITERS, Right

RECEIVE = Right(
    act="receive_mail",
    what=_("Store a mail that came to us"),
    refusal=_("Only our own receiver stores mails."),
    process=True,
)
ANALYSE = Right(
    act="analyse_mail",
    what=_("Note what the headers of a mail say, and delete its content when its time is over"),
    refusal=_("Only the process analyses mails."),
    process=True,
)
LIST = Right(
    act="list_mails",
    what=_("See the list of mails: reference, time, hint and state"),
    refusal=_("Your role does not see mails."),
    roles=READERS,
)
READ = Right(
    act="read_mail",
    what=_("Take a mail and read it, give it back"),
    refusal=_("Your role does not read mails."),
    roles=WRITERS | {Role.COMPLIANCE},
    besides=_("only who holds it; noted"),
)
HANDLE = Right(
    act="handle_mail",
    what=_("Set a mail aside, or tell its sender that we do nothing by mail"),
    refusal=_("Your role does not handle mails."),
    roles=WRITERS,
    besides=_("only who holds it; an answer only to a sender for whom their domain vouches"),
)
ROWS = (RECEIVE, ANALYSE, LIST, READ, HANDLE)
