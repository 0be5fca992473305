from __future__ import annotations

from django.urls import path

from backoffice.visits.portal import views

urlpatterns = [
    path("cases/<str:reference>/visit/", views.door, name="door"),
    path("cases/<str:reference>/visit/status/", views.status, name="status"),
    path("cases/<str:reference>/visit/portrait/", views.portrait, name="portrait"),
    path("cases/<str:reference>/visit/move/", views.move, name="move"),
    path("cases/<str:reference>/visit/cancel/", views.cancel, name="cancel"),
    path("cases/<str:reference>/visit/nobody/", views.nobody, name="nobody"),
]
