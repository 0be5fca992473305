from __future__ import annotations

from django.urls import path

from backoffice.portal.views import (
    answering,
    calls,
    cases,
    confirming,
    contacts,
    inviting,
    joining,
    proving,
    starting,
    stepping_up,
)
from backoffice.ui.mounting import pages_of_processes

app_name = "portal"
urlpatterns = [
    path("", cases.my_cases, name="cases"),
    path("contacts/", contacts.all_contacts, name="contacts"),
    path("looked/", contacts.looked, name="looked"),
    path("open/", starting.menu, name="start"),
    path("open/<slug:process>/", starting.open_one, name="open"),
    path("mine/", starting.mine, name="mine"),
    path("mine/<slug:kind>/<str:key>/", starting.thing, name="thing"),
    path("join/", joining.take_part, name="take_part"),
    path("calls/now/", calls.now, name="calls_now"),
    path("calls/proof/", proving.proof, name="calls_proof"),
    path("calls/proof/code/", proving.code, name="calls_code"),
    path("calls/ticket/", calls.ticket, name="live_ticket"),
    path("phrase/", contacts.phrase, name="phrase"),
    path("cases/<str:reference>/", cases.one_case, name="case"),
    path("cases/<str:reference>/status/", cases.status, name="status"),
    path("cases/<str:reference>/invitation/<slug:role>/", inviting.invitation, name="invitation"),
    path("cases/<str:reference>/confirm/<slug:step>/", confirming.confirm, name="confirm_step"),
    path("cases/<str:reference>/stop/", cases.stop, name="stop"),
    path("items/<uuid:item_id>/", answering.item, name="item"),
    path("items/<uuid:item_id>/<int:number>/", answering.page, name="page"),
    path("items/<uuid:item_id>/check/", answering.check, name="check"),
    path("items/<uuid:item_id>/confirm/", stepping_up.confirm, name="confirm"),
    path("items/<uuid:item_id>/done/", answering.done, name="done"),
    *pages_of_processes("portal"),
]
