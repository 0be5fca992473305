"""A process of these tests: an owner and a second party send files, and a clerk looks at them and may add to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from temporalio import workflow

from backoffice.actors import Actor
from backoffice.cases import opening, parties
from backoffice.cases.catalogue import BoundItem, Opening
from backoffice.cases.catalogue import Process as Bound
from backoffice.cases.forms import Accepted, Answer, OpeningForm
from backoffice.cases.models import Case
from backoffice.cases.parties import Invited
from backoffice.customers.models import Customer
from backoffice.documents.fields import DocumentsForm, ShownDocuments, UploadedDocuments
from backoffice.staff.models import Role
from tests.playing import customer_actor
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import (
    N_,
    ItemKind,
    NoEnding,
    Nothing,
    Outcome,
    PartyRole,
    Performer,
    Periods,
    ProcessSpec,
    Stage,
    WhenDue,
)

FORM, EXTRACT = "signed_form", "register_extract"
WITNESS = PartyRole(name="witness", title=N_("the witness"))


@dataclass(frozen=True)
class FormPeriods(Periods):
    answer: timedelta = timedelta(days=7)


PERIODS = FormPeriods()


class FormStage(Stage):
    SENT = "sent", N_("Sent"), N_("You send us the form")


class Sent(Outcome):
    AGREED = "agreed", N_("agreed")
    EXPIRED = "expired", N_("did not answer in time")


class Looked(Outcome):
    AGREED = "agreed", N_("agreed")


def _kind(name: str, performer: Performer, **more: Any) -> ItemKind[Any, Nothing]:
    told = {"customer_title": N_("Send us the form"), "outcomes": Sent, **more}
    return ItemKind(
        name=name, title=N_("Send the form"), performer=performer, facts=Nothing, due=PERIODS.answer, **told
    )


SEND = _kind("send", Performer.CUSTOMER, level=1, when_due=WhenDue.EXPIRE)
WITNESSED = _kind("witness", Performer.PARTY, party=WITNESS.name, level=1, when_due=WhenDue.EXPIRE)
LOOK = _kind("look", Performer.ROLE, role=Role.SUPPORT.value, customer_title="", outcomes=Looked)
SPEC = ProcessSpec(
    name="signed_form_test",
    title=N_("A signed form"),
    customer_title=N_("Your signed form"),
    stages=FormStage,
    endings=NoEnding,
    notices=(),
    kinds=(SEND, WITNESSED, LOOK),
    parties=(WITNESS,),
    periods=PERIODS,
    opening=Nothing,
    stopping=N_("Nothing changes."),
)


@workflow.defn(name=SPEC.name)
class SignedForm(Process[Nothing]):
    spec = SPEC

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        self.enter(FormStage.SENT)
        await self.ask_all((SEND, WITNESSED))
        await self.ask(LOOK)


class WhomForm(OpeningForm):
    mail = forms.EmailField(label="The address of the witness")


class SendForm(DocumentsForm):
    signed = UploadedDocuments(purpose=FORM, most=2, label="The signed form", help_text="Both of you sign it.")
    extract = UploadedDocuments(purpose=EXTRACT, required=False, label="The extract of the register")
    decision = forms.ChoiceField(label="Do you agree?", choices=[("agreed", "Yes")], widget=forms.RadioSelect)


class LookForm(SendForm):
    seen = ShownDocuments(purposes=[FORM, EXTRACT], label="What they sent")
    field_order = ("seen", "signed", "extract", "decision")


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Nothing:
    parties.invite(case, role=WITNESS.name, whom=Invited("Ewa", "Nowak", content["mail"]), by=by, now=now)
    return Nothing()


def sent(answer: Answer) -> Accepted:
    return Accepted("agreed")


PROCESS = Bound(
    spec=SPEC,
    story=SignedForm,
    opening=Opening(form=WhomForm, prepare=prepare, offer="Send a form", by_customers=True),
    items=(BoundItem(SEND, SendForm, sent), BoundItem(WITNESSED, SendForm, sent), BoundItem(LOOK, LookForm, sent)),
)


def open_for(owner: Customer, *, witness: str = "ewa.nowak@example.org") -> Case:
    """A case of the owner, with the second party of this address."""
    case, _new = opening.open_by_form(
        process=SPEC.name,
        customer=owner,
        by=customer_actor(owner),
        key=str(uuid.uuid4()),
        data={"mail": witness},
    )
    return case
