"""The forms of a handover, each with the rule that takes its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases import parties
from backoffice.cases.forms import Accepted, Answer, ItemForm, OpeningForm
from backoffice.cases.models import Case, CaseState
from backoffice.cases.parties import Invited
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict
from tests.sample.facts import Agreed, Agreement, HandoverOpening
from tests.sample.lockers import NUMBERS
from tests.sample.spec import LOCKER_HANDOVER, NEW_HOLDER


class HandoverForm(OpeningForm):
    """Which locker, why, and who takes it over."""

    intro = _("We hold the locker, and ask you both. You can stop it until it is handed over.")

    locker = forms.IntegerField(
        label=_("The number on its door"),
        min_value=NUMBERS.start,
        max_value=NUMBERS.stop - 1,
        error_messages={"required": _("Write the number on the door of the locker.")},
    )
    why = forms.ChoiceField(
        label=_("Why?"),
        choices=[("moving", _("I am moving")), ("gift", _("It is a gift")), ("other", _("Something else"))],
        widget=forms.RadioSelect,
    )
    given_name = forms.CharField(label=_("Given name of the new holder"), max_length=60)
    family_name = forms.CharField(label=_("Family name of the new holder"), max_length=60)
    mail = forms.EmailField(label=_("E-mail address of the new holder"))


def why_not(customer: Customer) -> str:
    """One handover at a time."""
    return _t("A handover is under way already.") if _under_way(customer).exists() else ""


def why(content: Mapping[str, Any]) -> str:
    return str(content["why"])


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> HandoverOpening:
    """Runs in the opening's transaction, and invites the new holder. Raises `Conflict` when a handover is under way,
    `Invalid` for the holder's own address."""
    customer = Customer.objects.select_for_update().get(pk=case.customer_id)
    if _under_way(customer).exclude(pk=case.pk).exists():
        raise Conflict("under_way", _t("A handover is under way already."))
    case.subject = _t("Locker %(number)s") % {"number": content["locker"]}
    whom = Invited(content["given_name"], content["family_name"], content["mail"])
    parties.invite(case, role=NEW_HOLDER.name, whom=whom, by=by, now=now, field="mail")
    return HandoverOpening(locker=int(content["locker"]))


def _under_way(customer: Customer) -> QuerySet[Case]:
    return Case.objects.filter(customer=customer, process=LOCKER_HANDOVER.name).exclude(state=CaseState.CLOSED)


DECISIONS = [(Agreed.AGREED.value, _("Yes, I agree")), (Agreed.DECLINED.value, _("No"))]


class TakeOverForm(ItemForm):
    """What the new holder is asked."""

    decision = forms.ChoiceField(label=_("Do you agree?"), choices=DECISIONS, widget=forms.RadioSelect)


class AgreeForm(TakeOverForm):
    """What the holder is asked, on two pages."""

    submit = _("Send my answers")
    pages = (
        (_("What is in it"), ("emptied", "keys")),
        (_("Your agreement"), ("where", "decision")),
    )

    emptied = forms.ChoiceField(
        label=_("Is the locker empty?"), choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect
    )
    keys = forms.IntegerField(label=_("How many keys do you have?"), min_value=1, max_value=4)
    where = forms.ChoiceField(
        label=_("Where do we see who you are?"),
        choices=[("branch", _("At the branch")), ("home", _("At home"))],
        widget=forms.RadioSelect,
    )
    field_order = ["emptied", "keys", "where", "decision"]

    def clean(self) -> dict[str, Any]:
        """If two pages contradict each other, the error is on the later one."""
        cleaned = super().clean() or {}
        if cleaned.get("emptied") == "no" and cleaned.get("decision") == Agreed.AGREED.value:
            self.add_error("decision", _t("Empty it first: what is in it would go to the new holder."))
        return cleaned


def agreed(answer: Answer) -> Accepted:
    given = answer.cleaned
    return Accepted(given["decision"], facts=Agreement(keys=given["keys"], at_home=given["where"] == "home"))


def taken_over(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["decision"])
