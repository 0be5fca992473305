"""A small process that the desk does not know: a change of a nickname, which somebody compares with a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path

from backoffice.actors import Actor
from backoffice.cases.catalogue import BoundItem, Opening, Pages, Process, decided
from backoffice.cases.forms import OpeningForm, OutcomeForm
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Customer
from backoffice.staff.models import Role
from backoffice.ui.staff import page
from workflows.base.spec import (
    N_,
    Evidence,
    Facts,
    ItemKind,
    NoEnding,
    Nothing,
    Outcome,
    Performer,
    Periods,
    ProcessSpec,
    Stage,
)


class NicknameStage(Stage):
    COMPARED = "compared", N_("Compared"), N_("We compare")


class Compared(Outcome):
    SAME = "same", N_("The same")
    OTHER = "other", N_("Another one")


WISH = Evidence(name="wish", title=N_("What was wished"))
DOCUMENT = Evidence(name="document", title=N_("The document"), on_request=True)
COMPARE = ItemKind(
    name="compare",
    title=N_("Compare the nickname with the document"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=Compared,
    facts=Nothing,
    due=timedelta(days=1),
    evidence=(WISH, DOCUMENT),
)
NICKNAME = ProcessSpec(
    name="nickname",
    title=N_("Nickname"),
    customer_title=N_("Your nickname"),
    stages=NicknameStage,
    endings=NoEnding,
    kinds=(COMPARE,),
    notices=(),
    periods=Periods(),
)


class NicknameForm(OpeningForm):
    nickname = forms.CharField(max_length=20)


class Story:
    """Never run: the tests of the desk play it by hand."""


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Facts:
    case.subject = content["nickname"]
    return Nothing()


def wish(case: Case, item: WorkItem) -> list[tuple[str, str]]:
    return [("Nickname", case.subject)]


def document(case: Case, item: WorkItem) -> list[tuple[str, str]]:
    return [("Name on the document", "Wilhelmina")]


def why_not(customer: Customer) -> str:
    return "" if customer.country else "Nicknames need a country."


def own_page(request: HttpRequest) -> HttpResponse:
    return page(request, "desk/refused.html", "All nicknames")


urlpatterns = [path("all/", own_page, name="all")]


PROCESS = Process(
    spec=NICKNAME,
    story=Story,
    opening=Opening(
        form=NicknameForm,
        prepare=prepare,
        offer="Change the nickname",
        by_roles=frozenset({Role.SUPPORT}),
        why_not=why_not,
    ),
    items=(BoundItem(COMPARE, OutcomeForm, decided),),
    summary=lambda case: case.subject,
    evidence={WISH.name: wish, DOCUMENT.name: document},
    pages=Pages(desk="tests.desk.nickname"),
)
