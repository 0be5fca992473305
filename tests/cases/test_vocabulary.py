"""Every code has its words, and every work item of a process has its form."""

from __future__ import annotations

import ast
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from backoffice.actors import system
from backoffice.calls.models import Call
from backoffice.cases import catalogue, forms, schema, sentences
from backoffice.cases.models import Case, WorkItem
from backoffice.mail_orders.models import Mail
from backoffice.payments.top_up.models import TopUp
from tests.calls.call_backs import of_ourselves
from tests.cards.autopay.updating import make_renewed, open_update
from tests.cards.test_shipping import order
from tests.complaints.complaining import complain
from tests.contact_changes.changing import open_change
from tests.domains.ceding import holder_of_a_domain, open_cession
from tests.factories import make_card, make_customer, make_staff, now
from tests.payments.claims.claiming import claim, make_returned_refund
from tests.payments.merchants.applying import apply, make_company
from tests.payments.voice.ordered import order as order_by_telephone
from tests.playing import advance, ask, open_card_case
from tests.suspicions.conftest import about_a_contact
from tests.threats.rule_calls import received
from workflows.base.contracts import OpenChild
from workflows.base.spec import COMMON_KINDS, ItemKind

BACKOFFICE = Path(settings.BASE_DIR) / "backoffice"
KINDS = [(process.name, kind) for process in catalogue.all_processes() for kind in (*process.spec.kinds, *COMMON_KINDS)]

DECISIONS = [
    (process, kind)
    for process, kind in KINDS
    if issubclass(catalogue.process(process).item(kind.name).form, forms.OutcomeForm)
]
NAMES = sorted({process for process, _kind in KINDS})


def kinds_of(process: str, kinds: Sequence[tuple[str, ItemKind[Any, Any]]]) -> list[ItemKind[Any, Any]]:
    """Those of a process; one case serves them all."""
    return [kind for name, kind in kinds if name == process]


def calls(folder: Path, *names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function or method of one of these names, with where it is."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    yield f"{path.name}:{node.lineno}", node


def texts(node: ast.expr) -> list[str]:
    """The constants that an expression may have as its value; for an f-string its pattern."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in texts(value)]
    return []


def test_every_event_that_is_noted_anywhere_has_a_sentence() -> None:
    noted = [
        (where, kind)
        for where, call in calls(BACKOFFICE, "note")
        if len(call.args) > 1
        for kind in texts(call.args[1])
        if re.fullmatch(r"[a-z_]+\.[a-z_]+", kind)
    ]

    assert len(noted) > 30
    assert [(where, kind) for where, kind in noted if not sentences.known(kind)] == []


def test_every_state_of_a_letter_has_a_sentence() -> None:
    from backoffice.cards.reissue.shipping import REPORTED

    assert [shipping for shipping in REPORTED if not sentences.known(f"card.{shipping.value}")] == []


@pytest.mark.parametrize("kind", sorted(sentences.all_kinds()))
def test_a_sentence_is_whole_whatever_its_event_holds(kind: str) -> None:
    for said in (sentences.for_staff(kind, {}), sentences.for_customer(kind, {})):
        assert said is None or said.endswith((".", "."))
        assert "%(" not in (said or "")


# --- forms ------------------------------------------------------------------------------------------------------------


def case_of(process: str) -> Case:
    """A case of the process that can be asked for whatever its spec names."""
    parent = open_card_case(make_card())
    if process == "card_reissue":
        order(parent)
        return parent
    if process in PARTICULARS or catalogue.process(process).opening is not None:
        return PARTICULARS.get(process, _bare)(process)
    advance(parent, children=(OpenChild(process, process),))
    return Case.objects.get(parent=parent)


def _bare(process: str) -> Case:
    """A case without particulars, which the forms of the common work items do not need."""
    key = str(uuid.uuid4())
    return Case.objects.create(process=process, customer=make_customer(), opened_at=now(), opening_key=key)


def _top_up(process: str) -> Case:
    case = _bare(process)
    TopUp.objects.create(case=case, currency="EUR")
    return case


def _call(process: str) -> Case:
    case = _bare(process)
    Call.objects.create(case=case, agent=make_staff(), through="chat", known_by="nip", wants="card_reissue")
    return case


def _mail(process: str) -> Case:
    case = _bare(process)
    Mail.objects.filter(pk=received(make_staff()).pk).update(case=case, asks="card_reissue")
    return case


PARTICULARS: Mapping[str, Callable[[str], Case]] = {
    "domain_cession": lambda process: open_cession(holder_of_a_domain()),
    "contact_change": lambda process: open_change(make_customer()),
    "phone_authorisation": _call,
    "call_back": lambda process: of_ourselves(make_customer(), about=str(_bare("card_reissue").id)),
    "mail_order": _mail,
    "suspicious_contact": lambda process: about_a_contact(make_customer()),
    "complaint": lambda process: complain(make_customer()),
    "autopay_update": lambda process: open_update(make_renewed()),
    "merchant_admission": lambda process: apply(make_company()),
    "voice_payment": lambda process: order_by_telephone().case,
    "payment_claim": lambda process: claim(),
    "bill_payment": _bare,
    "bill_dispute": _bare,
    "claim_answer": lambda process: Case.objects.get(claim_answer__claim__case=claim()),
    "refund_return": lambda process: make_returned_refund(),
    "payout_return": _bare,
    "top_up": _top_up,
}
"""A case for processes whose forms read the particulars of their own case, or which only a rule of theirs opens."""


def form_of(item: WorkItem) -> forms.ItemForm:
    return catalogue.answering(item).form_for(item, by=system())


@pytest.mark.django_db
@pytest.mark.parametrize("process", NAMES)
def test_the_schema_of_each_form_is_valid_and_names_what_the_form_takes(process: str) -> None:
    case = case_of(process)
    for kind in kinds_of(process, KINDS):
        form = form_of(ask(case, kind.name))

        made = schema.schema_of(form.fields)

        Draft202012Validator.check_schema(made)
        assert set(made["properties"]) == set(form.fields), kind.name
        assert set(made["required"]) <= set(form.fields), kind.name


@pytest.mark.django_db
@pytest.mark.parametrize("process", NAMES)
def test_each_outcome_of_a_decision_can_be_chosen_and_no_other(process: str) -> None:
    case = case_of(process)
    for kind in kinds_of(process, DECISIONS):
        form = form_of(ask(case, kind.name))

        choices = [value for value, label in form.fields["outcome"].choices]  # type: ignore[attr-defined]
        labels = [str(label) for _value, label in form.fields["outcome"].choices]  # type: ignore[attr-defined]

        assert choices == [outcome.value for outcome in kind.decisions], kind.name
        assert not set(labels) & set(choices), f"an outcome of {kind.name} without words of its own"


def test_an_outcome_that_a_rule_gives_is_declared() -> None:
    """Only constants; the choices of forms are tested above."""
    declared = {outcome for _process, kind in KINDS for outcome in kind.outcomes}
    given = {
        outcome
        for _where, call in calls(BACKOFFICE, "Accepted")
        if call.args
        for outcome in texts(call.args[0])
        if outcome
    }

    assert given - declared == set()
