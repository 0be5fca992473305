from __future__ import annotations

from django.urls import path

from backoffice.visits.field import views

urlpatterns = [
    path("visits/<str:reference>/", views.visit, name="visit"),
    path("visits/<str:reference>/status/", views.status, name="status"),
    path("visits/<str:reference>/unsafe/", views.unsafe, name="unsafe"),
]
