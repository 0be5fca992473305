"""The URLs of the API, and those that processes (`catalogue.Pages.api`) and rooms (`AppConfig.machines`) add to it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from backoffice.api.views import cases, documents, items, processes
from backoffice.ui.mounting import pages_of_processes, pages_of_rooms

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[]), name="schema"),
    path("v1/processes", processes.Processes.as_view(), name="processes"),
    path("v1/cases", cases.Cases.as_view(), name="cases"),
    path("v1/cases/<str:reference>", cases.OneCase.as_view(), name="case"),
    path("v1/cases/<str:reference>/timeline", cases.Timeline.as_view(), name="timeline"),
    path("v1/cases/<str:reference>/withdrawal", cases.Withdrawal.as_view(), name="withdrawal"),
    path("v1/items", items.Items.as_view(), name="items"),
    path("v1/items/<uuid:item_id>", items.OneItem.as_view(), name="item"),
    path("v1/items/<uuid:item_id>/answer", items.Answer.as_view(), name="answer"),
    path("v1/items/<uuid:item_id>/claim", items.Claim.as_view(), name="claim"),
    path("v1/documents", documents.Documents.as_view(), name="documents"),
    path("v1/", include(pages_of_processes("api"))),
    path("v1/", include(pages_of_rooms("machines"))),
]
