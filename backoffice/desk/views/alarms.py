"""An alarm: what a machine reported that belongs to no case. A supervisor reads it, for a reason, and resolves it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import alarms
from backoffice.cases.models import Alarm
from backoffice.refusals import Forbidden, Invalid, NotFound
from backoffice.text_fields import KeptTexts
from backoffice.ui.forms import with_faults
from backoffice.ui.staff import page, signed_in


class AlarmForm(KeptTexts, forms.Form):
    reason = forms.CharField(
        label=_("Why you read it, or what you did"),
        max_length=alarms.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Before you read it, say why; when it is done, say what you did. It is noted with your name."),
    )


def show(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """The alarm. A POST with a reason shows what was told, or, with `done`, resolves it."""
    me, now = signed_in(request), timezone.now()
    if refusal := alarms.why_not_read(me.actor):
        raise Forbidden("not_your_role", refusal)
    alarm = Alarm.objects.filter(pk=alarm_id).select_related("resolved_by").first()
    if alarm is None:
        raise NotFound("unknown_alarm", _t("There is no such alarm."))
    form, told = AlarmForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        given = {"alarm_id": alarm_id, "by": me.actor, "user": me.user, "reason": form.cleaned_data["reason"]}
        try:
            if "done" in request.POST:
                alarms.resolve(**given, now=now)
                messages.success(request, _t("Noted. It no longer needs attention."))
                return redirect("admin:index")
            told = alarms.read(**given, now=now).told
        except Invalid as invalid:
            form = with_faults(form, invalid)
    context = {"alarm": alarm, "what": alarms.sentence(alarm), "form": form, "told": told}
    status = 400 if form.errors else 200
    return page(request, "desk/alarm.html", _t("Alarm"), context, status=status)
