"""Messages to partners in the admin: a log to read, and what a supervisor decides, by the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST

from backoffice.customers.record_admin import desk_actor, page
from backoffice.refusals import Invalid, Refused
from backoffice.staff.read_only import ReadOnlyAdmin, ReadOnlyInline
from backoffice.staff.step_up import recently_confirmed, way_to_confirm
from backoffice.text_fields import KeptTexts
from backoffice.webhooks import deciding, endpoints, outbound, rights
from backoffice.webhooks.models import Attempt, Delivery, DeliveryState, Endpoint


class EndpointForm(KeptTexts, forms.Form):
    """Where a partner takes our messages. The rule says what is wrong."""

    name = forms.CharField(label=later("Partner"), max_length=endpoints.LONGEST_NAME)
    url = forms.CharField(
        label=later("Address"), max_length=outbound.LONGEST_URL, widget=forms.TextInput(attrs={"inputmode": "url"})
    )
    secret = forms.CharField(
        label=later("Secret"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=later("Agreed with the partner: whsec_ and 24 to 64 random bytes in base64. Nobody sees it again."),
    )

    def enter(self, request: HttpRequest) -> Endpoint | None:
        """The endpoint; None when the rule refused, which stands beside the fields then."""
        try:
            return endpoints.enter(**self.cleaned_data, by=desk_actor(request), now=timezone.now())
        except Invalid as refused:
            for field, sentences in refused.errors.items():
                self.add_error(field, ValidationError(sentences))
        return None


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin[Endpoint]):
    list_display = ["name", "host", "active", "off_since"]
    list_filter = ["active"]
    search_fields = ["=name"]
    search_help_text = later("The partner's whole name")
    ordering = ["name"]
    fields = ["name", "host", "active", "off_since", "off_why", "entered_at"]
    change_form_template = "admin/webhooks/endpoint/change_form.html"
    change_list_template = "admin/webhooks/endpoint/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        view, switch = self.admin_site.admin_view(self.enter_view), require_POST(self.switch_view)
        return [
            path("enter/", view, name="webhooks_endpoint_enter"),
            path("<int:pk>/switch/", self.admin_site.admin_view(switch), name="webhooks_endpoint_switch"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        allowed = {"may_set_up": rights.SET_UP_ENDPOINTS.allows(desk_actor(request))}
        return super().changelist_view(request, allowed | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["may_set_up"] = rights.SET_UP_ENDPOINTS.allows(desk_actor(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def enter_view(self, request: HttpRequest) -> HttpResponseBase:
        """Enters an endpoint. What we send goes there, so the person confirms their identity first."""
        rights.SET_UP_ENDPOINTS.check(desk_actor(request))
        if not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request))
        form = EndpointForm(request.POST or None)
        if form.is_valid():
            made = form.enter(request)
            if made is not None:
                self.log_addition(request, made, f"endpoint {made.pk} entered")
                return HttpResponseRedirect(reverse("admin:webhooks_endpoint_change", args=[made.pk]))
        context = page(self, request, _("Where a partner takes our messages"), form=form)
        return TemplateResponse(request, "admin/webhooks/endpoint/enter.html", context)

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Switches an endpoint off or on, as the button said."""
        rights.SET_UP_ENDPOINTS.check(desk_actor(request))
        back = reverse("admin:webhooks_endpoint_change", args=[pk])
        if not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request, back_to=back))
        try:
            on = request.POST.get("on") == "1"
            endpoint = endpoints.switch(endpoint_id=pk, on=on, by=desk_actor(request), now=timezone.now())
            self.log_change(request, endpoint, f"endpoint {pk} switched {'on' if on else 'off'}")
        except Refused as refused:
            messages.error(request, refused.sentence)
            back = reverse("admin:webhooks_endpoint_changelist")
        return HttpResponseRedirect(back)


class AttemptInline(ReadOnlyInline[Attempt, Delivery]):
    model = Attempt
    fields = ["at", "seconds", "status", "error"]
    show_change_link = False

    @admin.display(description=later("seconds"))
    def seconds(self, attempt: Attempt) -> str:
        return f"{attempt.took.total_seconds():.2f}"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """The log of deliveries. What was sent is not shown: it is the partner's business and the case's."""

    list_display = ["message_id", "endpoint", "kind", "state", "tries", "made_at", "next_try"]
    list_filter = ["state", "kind"]
    list_select_related = ["endpoint"]
    ordering = ["-made_at"]
    fields = [
        *("message_id", "endpoint", "kind", "state", "made_at", "next_try", "tries", "error", "sent_at"),
        *("replays", "decided_by", "decided_at"),
    ]
    readonly_fields = ["message_id", "next_try"]
    inlines = [AttemptInline]
    change_form_template = "admin/webhooks/delivery/change_form.html"

    @admin.display(description=later("next try at"), ordering="next_at")
    def next_try(self, delivery: Delivery) -> datetime | str:
        return delivery.next_at if delivery.state == DeliveryState.WAITING else "-"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.decide_view))
        return [path("<uuid:pk>/decide/", view, name="webhooks_delivery_decide"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        delivery = context["original"]
        allowed = rights.DECIDE_DELIVERIES.allows(desk_actor(request))
        context["may_replay"] = allowed and delivery.state != DeliveryState.WAITING and delivery.endpoint.active
        context["may_set_aside"] = allowed and delivery.state == DeliveryState.FAILED
        return super().render_change_form(request, context, *args, **kwargs)

    def decide_view(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Replays a message or sets it aside, as the button said."""
        decide = deciding.set_aside if request.POST.get("decide") == "set_aside" else deciding.replay
        try:
            delivery = decide(delivery_id=pk, by=desk_actor(request), now=timezone.now())
            self.log_change(request, delivery, f"message {delivery.message_id}: {decide.__name__}")
        except Refused as refused:
            messages.error(request, refused.sentence)
        return HttpResponseRedirect(reverse("admin:webhooks_delivery_change", args=[pk]))
