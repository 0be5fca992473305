"""The desk's own pages: route, view, and name in the namespace "admin". `site.py` mounts them before the admin's."""

from __future__ import annotations

from collections.abc import Callable

from django.http.response import HttpResponseBase

from backoffice.desk.views import actions, alarms, customer, gateway, incident, item, opening, ours, worklist
from backoffice.desk.views import case as case_page

PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("case/<str:reference>/", case_page.show, "desk_case"),
    ("live/worklist/", worklist.live_part, "desk_live_worklist"),
    ("live/case/<str:reference>/", case_page.live_part, "desk_live_case"),
    ("live/item/<str:item_id>/", item.live_part, "desk_live_item"),
    ("case/<str:reference>/incident/<int:incident_id>/", incident.close, "desk_incident"),
    ("case/<str:reference>/<str:what>/", actions.act, "desk_action"),
    ("item/<str:item_id>/", item.show, "desk_item"),
    ("item/<str:item_id>/claim/", item.claim, "desk_claim"),
    ("item/<str:item_id>/release/", item.release, "desk_release"),
    ("item/<str:item_id>/remind/", item.remind, "desk_remind"),
    ("item/<str:item_id>/evidence/<str:name>/", item.evidence_on_request, "desk_evidence"),
    ("item/<str:item_id>/hand-over/", item.hand_over, "desk_hand_over"),
    ("customer/<str:public_id>/", customer.show, "desk_customer"),
    ("customer/<str:public_id>/record/<slug:kind>/<str:key>/", customer.record, "desk_record"),
    ("customer/<str:public_id>/open/<str:process>/", opening.show, "desk_open"),
    ("customer/<str:public_id>/why/", customer.why, "desk_why"),
    ("alarm/<int:alarm_id>/", alarms.show, "desk_alarm"),
    ("gateway/", gateway.show, "desk_gateway"),
    ("ours/", ours.ask, "desk_ours"),
    ("ours/report/", ours.report, "desk_report"),
]
