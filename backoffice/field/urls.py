from __future__ import annotations

from django.urls import path

from backoffice.field import views

app_name = "field"
urlpatterns = [
    path("", views.today, name="today"),
    path("visits/<str:reference>/", views.visit, name="visit"),
    path("visits/<str:reference>/status/", views.status, name="status"),
    path("visits/<str:reference>/unsafe/", views.unsafe, name="unsafe"),
]
