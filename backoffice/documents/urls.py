"""Files in, and documents out. What is sent here may be larger than elsewhere (`settings.LARGEST_CONTENT`)."""

from __future__ import annotations

from django.urls import path

from backoffice.documents.views import covering, giving, taking

app_name = "documents"
urlpatterns = [
    path("<uuid:item_id>/add/<slug:field>/", taking.add, name="add"),
    path("<uuid:item_id>/add/<slug:field>/keep/", taking.keep, name="keep"),
    path("<uuid:item_id>/add/<slug:field>/<uuid:public_id>/remove/", taking.remove, name="remove"),
    path("<uuid:item_id>/redact/<uuid:public_id>/", covering.redact, name="redact"),
    path("<uuid:item_id>/redact/<uuid:public_id>/keep/", covering.keep, name="redact_keep"),
    path("<uuid:item_id>/copy/<uuid:public_id>/", covering.say_copy, name="say_copy"),
    path("<uuid:public_id>/file/", giving.file, name="file"),
    path("<uuid:public_id>/page-<int:number>.png", giving.page, name="page"),
]
