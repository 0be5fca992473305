"""The words of a handover, for its customer, for staff, and for messages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.catalogue import Headline
from backoffice.cases.evidence import Lines, lines_of_answer
from backoffice.cases.models import Case, CaseOutcome, WorkItem
from backoffice.cases.sentences import Sentence
from tests.sample.spec import AGREE, ANNOUNCED_NOTICE

SENTENCES: Mapping[str, Sentence] = {
    "locker.held": Sentence(_("Locker %(locker)s is held."), _("We hold your locker: nobody else can get it.")),
    "locker.released": Sentence(_("Locker %(locker)s is free again."), _("We no longer hold your locker.")),
    "locker.assigned": Sentence(_("Locker %(locker)s was given to its new holder."), _("It was handed over.")),
    "locker.handed_over": Sentence(_("The holder gave back %(keys)s keys of locker %(locker)s.")),
}


def headline(case: Case) -> Headline:
    if case.outcome == CaseOutcome.DONE:
        return Headline(_t("Your locker was handed over"))
    return Headline(_t("Your locker for somebody else"), _t("We hand it over once you both agree and we have checked."))


def about(case: Case) -> str:
    return _t("It is about your locker.")


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    if notice != ANNOUNCED_NOTICE.name:
        return {}
    return {"stop_page": urlsplit(settings.PUBLIC_URL).netloc + reverse("portal:locker_handover:stop")}


def answers(case: Case, item: WorkItem) -> Lines:
    return lines_of_answer(case, AGREE.name)
