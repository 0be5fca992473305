"""Every form of ours that takes free text keeps it by the one rule, or only compares it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django import forms

import backoffice
from backoffice.text_fields import KeptTexts, is_free_text

COMPARED = {
    "backoffice.api.shapes.OpeningForm": "codes that are looked up",
    "backoffice.portal.views.proving.HalfForm": "digits, which are compared",
    "backoffice.portal.views.calls.AskForm": "a number or a reference, which is looked up",
    "backoffice.portal.views.check.CheckForm": "a check code, which is looked up",
    "backoffice.portal.views.check.PasteForm": "a message that is looked at and not stored",
    "backoffice.suspicions.portal.ReceiptForm": "a reference, which is looked up",
    "backoffice.portal.views.stopping.StopForm": "the code of a message and digits, which are looked up",
    "backoffice.portal.views.stepping_up.CodeForm": "a code, which is compared",
    "backoffice.ui.invitations.WhichForm": "a reference and an address, which are looked up",
    "backoffice.ui.invitations.CaseForm": "a reference, which is looked up",
    "backoffice.portal.views.joining.ClaimForm": "the same, a code that is compared, an address that is cleaned",
    "backoffice.portal.views.joining.TakePartForm": "a reference and a code, which are looked up and compared",
    "backoffice.ui.invitations.JoinForm": "the rule keeps the name to sign in with",
    "backoffice.payments.bills.pages.PayForm": "the number of a bill and an amount, which are looked up",
    "backoffice.calls.back.portal.public.CallMeForm": "a reference and digits, which are looked up",
    "backoffice.desk.views.ours.PasteForm": "a message that is looked at and not stored",
    "backoffice.desk.views.ours.ReportForm": "the same",
    "backoffice.desk.views.ours.CompareForm": "the same, and a reference that is looked up",
}


def forms_of_ours() -> Iterator[type[forms.BaseForm]]:
    for found in pkgutil.walk_packages(backoffice.__path__, "backoffice."):
        if ".migrations" not in found.name and ".management" not in found.name and not found.name.endswith("wsgi"):
            importlib.import_module(found.name)
    todo: list[type[forms.BaseForm]] = [forms.BaseForm]
    while todo:
        children = todo.pop().__subclasses__()
        todo += children
        yield from (one for one in children if one.__module__.startswith("backoffice."))


@pytest.mark.parametrize("form", sorted(set(forms_of_ours()), key=str))
def test_a_form_with_free_text_keeps_it(form: type[forms.BaseForm]) -> None:
    fields = getattr(form, "base_fields", {})
    free = [name for name, field in fields.items() if is_free_text(field)]

    assert not free or issubclass(form, KeptTexts) or f"{form.__module__}.{form.__name__}" in COMPARED
