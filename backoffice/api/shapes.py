"""What the API says of a case and of a work item. No personal data: references, stages, times (ISO 8601, UTC)."""

from __future__ import annotations

from typing import Any

from django import forms
from rest_framework import serializers

from backoffice.cases.models import Case, Event, WorkItem
from backoffice.cases.timeline_view import sentence_for_staff


class CaseShape(serializers.ModelSerializer[Case]):
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
            "opened_at",
            "closed_at",
            "parent",
        ]
        read_only_fields = fields


class EventShape(serializers.ModelSerializer[Event]):
    """`data` holds codes; `sentence` says the same in words, in the asker's language."""

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
    """`schema` is the JSON schema of what opens a case of it; null for who may not."""

    name = serializers.CharField()
    title = serializers.CharField()
    may_open = serializers.BooleanField()
    why_not = serializers.CharField()
    schema = serializers.DictField(allow_null=True)


class OpeningForm(forms.Form):
    """What is said of every opening, besides the fields of the process's own form. `key` is made by the client: the
    same key twice is one case. `customer` may be left out where the process's form names something that is theirs."""

    process = forms.CharField(max_length=60)
    key = forms.CharField(max_length=90)
    customer = forms.UUIDField(required=False)


class ReasonShape(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, default="")
