from __future__ import annotations

from django.urls import path

from backoffice.portal.views import answering, cases, contacts, reporting, stepping_up, visits

app_name = "portal"
urlpatterns = [
    path("", cases.my_cases, name="cases"),
    path("contacts/", contacts.all_contacts, name="contacts"),
    path("cards/report/", reporting.report_card, name="report"),
    path("phrase/", contacts.phrase, name="phrase"),
    path("cases/<str:reference>/", cases.one_case, name="case"),
    path("cases/<str:reference>/status/", cases.status, name="status"),
    path("cases/<str:reference>/stop/", cases.stop, name="stop"),
    path("cases/<str:reference>/visit/", visits.visit, name="visit"),
    path("cases/<str:reference>/visit/status/", visits.status, name="visit_status"),
    path("cases/<str:reference>/visit/move/", visits.move, name="visit_move"),
    path("cases/<str:reference>/visit/cancel/", visits.cancel, name="visit_cancel"),
    path("cases/<str:reference>/visit/nobody/", visits.nobody, name="visit_nobody"),
    path("items/<uuid:item_id>/", answering.item, name="item"),
    path("items/<uuid:item_id>/<int:number>/", answering.page, name="page"),
    path("items/<uuid:item_id>/check/", answering.check, name="check"),
    path("items/<uuid:item_id>/confirm/", stepping_up.confirm, name="confirm"),
    path("items/<uuid:item_id>/done/", answering.done, name="done"),
]
