"""The process "handover of a locker": all its parts, bound in one object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, Opening, Pages, Process, decided
from backoffice.cases.forms import OutcomeForm
from backoffice.staff.models import Role
from tests.sample import calls, forms, spec, words
from tests.sample.story import LockerHandover

PROCESS = Process(
    spec=spec.LOCKER_HANDOVER,
    story=LockerHandover,
    opening=Opening(
        form=forms.HandoverForm,
        prepare=forms.prepare,
        offer=_("Hand over a locker"),
        offer_to_customer=_("Give my locker to somebody else"),
        by_roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
        by_customers=True,
        why=forms.why,
        why_not=forms.why_not,
    ),
    items=(
        BoundItem(spec.AGREE, forms.AgreeForm, forms.agreed),
        BoundItem(spec.TAKE_OVER, forms.TakeOverForm, forms.taken_over),
        BoundItem(spec.CHECK, OutcomeForm, decided),
    ),
    effects=(BoundEffect(spec.KEEP, calls.keep),),
    calls=(
        BoundCall(spec.HOLD, calls.hold),
        BoundCall(spec.RELEASE, calls.release),
        BoundCall(spec.ASSIGN, calls.assign),
    ),
    headline=words.headline,
    about=words.about,
    sentences=words.SENTENCES,
    shows=words.shown_in_messages,
    evidence={spec.ANSWERS.name: words.answers},
    pages=Pages(portal="tests.sample.pages"),
)
