"""What the API says about a case and a work item. No personal data: references, stages, times (ISO 8601, UTC)."""

from __future__ import annotations

from typing import Any

from django import forms
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.cases.incidents import open_ones
from backoffice.cases.models import Case, Event, Incident, WaitingOn, WorkItem
from backoffice.cases.timeline_view import sentence_for_staff
from backoffice.cases.turns import whose_turn
from backoffice.cases.words import of_incident


class IncidentShape(serializers.ModelSerializer[Incident]):
    """What went wrong and is not resolved yet; `what` holds codes, `sentence` says the same in words."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = ["kind", "key", "what", "sentence", "opened_at", "looked_into_at"]
        read_only_fields = fields

    def get_sentence(self, incident: Incident) -> str:
        return of_incident(incident.case.process, incident.told)


class CaseLine(serializers.ModelSerializer[Case]):
    """What everybody who works with cases may see of each: the rest needs a case in one's hands, or a reason."""

    class Meta:
        model = Case
        fields = ["reference", "process", "state", "opened_at", "closed_at"]
        read_only_fields = fields


class CaseShape(serializers.ModelSerializer[Case]):
    """`waiting_on` says whose turn it is: us, customer, others or nobody. `waits_for` is the outside system that does
    not answer now. When it answers, the case goes on by itself."""

    waiting_on = serializers.SerializerMethodField()
    needs_attention = serializers.SerializerMethodField()
    incidents = serializers.SerializerMethodField()
    parent = serializers.SlugRelatedField[Case](slug_field="reference", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Case
        fields = [
            "reference",
            "process",
            "subject",
            "stage",
            "state",
            "outcome",
            "outcome_reason",
            "waiting_on",
            "waiting_until",
            "past_no_return",
            "needs_attention",
            "waits_for",
            "incidents",
            "opened_at",
            "closed_at",
            "parent",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(WaitingOn.choices))
    def get_waiting_on(self, case: Case) -> str:
        return whose_turn(case).value

    def get_needs_attention(self, case: Case) -> bool:
        return case.open_incidents > 0

    @extend_schema_field(IncidentShape(many=True))
    def get_incidents(self, case: Case) -> Any:
        has_any = case.open_incidents or case.waits_for
        return IncidentShape(open_ones(case), many=True).data if has_any else []


class EventShape(serializers.ModelSerializer[Event]):
    """`data` holds codes; `sentence` says the same in words, in the language of the request."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = [
            "number",
            "at",
            "kind",
            "sentence",
            "data",
            "actor_kind",
            "actor_id",
            "channel",
            "proof",
            "reason",
            "hash",
        ]
        read_only_fields = fields

    def get_sentence(self, event: Event) -> str:
        return sentence_for_staff(event, event.case.process)


class ItemShape(serializers.ModelSerializer[WorkItem]):
    case = serializers.SlugRelatedField[Case](slug_field="reference", read_only=True)
    claimed = serializers.SerializerMethodField()

    class Meta:
        model = WorkItem
        fields = [
            "id",
            "case",
            "kind",
            "performer",
            "role",
            "level",
            "part",
            "state",
            "outcome",
            "why",
            "opened_at",
            "due_at",
            "escalated_at",
            "answered_at",
            "claimed",
        ]
        read_only_fields = fields

    def get_claimed(self, item: WorkItem) -> bool:
        return item.holder_id is not None


class ProcessShape(serializers.Serializer[Any]):
    """`schema` is the JSON schema of the content that opens a case; null for users who may not open one."""

    name = serializers.CharField()
    title = serializers.CharField()
    may_open = serializers.BooleanField()
    why_not = serializers.CharField()
    schema = serializers.DictField(allow_null=True)


class OpeningForm(forms.Form):
    """What every opening needs in addition to the fields of the process's own form. The client makes the `key`: the
    same key twice is one case. `customer` may be left out when the process's form names something that is theirs."""

    process = forms.CharField(max_length=60)
    key = forms.CharField(max_length=90)
    customer = forms.UUIDField(required=False)


class ReasonShape(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, default="")
