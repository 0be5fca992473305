from __future__ import annotations

from django.urls import path

from backoffice.field import views
from backoffice.ui.mounting import pages_of_processes

app_name = "field"
urlpatterns = [
    path("", views.today, name="today"),
    path("items/<uuid:item_id>/", views.item, name="item"),
    path("items/<uuid:item_id>/status/", views.status, name="status"),
    *pages_of_processes("field"),
]
