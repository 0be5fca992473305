"""The rows of the policy table for complaints, beside their work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import READERS, WRITERS, Right

LIST = Right(
    act="list_complaints",
    what=_("See the board of complaints: number, topic, age and clock"),
    refusal=_("Your role does not see complaints."),
    roles=READERS,
    besides=_("never those about oneself"),
)
NAME = Right(
    act="name_complained_of",
    what=_("Note whom a complaint is about, who is then kept from it"),
    refusal=_("Your role does not note whom a complaint is about."),
    roles=frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    besides=_("only who may read the complaint; nobody is taken off again"),
)
DOWNLOAD = Right(
    act="download_evidence",
    what=_("Download the evidence of a complaint"),
    refusal=_("Your role does not read complaints."),
    roles=READERS,
    customers=True,
    besides=_("staff only with a need to know; customers their own, without what is internal"),
)
WRITE_IN = Right(
    act="complain_unknown",
    what=_("Complain without signing in"),
    refusal=_("Who has signed in complains in the portal; staff opens a case."),
    machines=True,
    besides=_("anybody, on the public page; so often a network and so often in all"),
)
HANDLE = Right(
    act="handle_strangers_complaint",
    what=_("Take a stranger's complaint, open a case for it, or answer it"),
    refusal=_("Your role does not handle complaints of strangers."),
    roles=WRITERS | {Role.COMPLIANCE},
    besides=_("only who holds it, and nobody whom it names"),
)
ROWS = (LIST, NAME, DOWNLOAD, WRITE_IN, HANDLE)
