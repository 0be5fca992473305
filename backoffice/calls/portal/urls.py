from __future__ import annotations

from django.urls import path

from backoffice.calls.portal import views

urlpatterns = [
    path("cases/<str:reference>/call/", views.code, name="code"),
    path("cases/<str:reference>/call/status/", views.status, name="status"),
    path("cases/<str:reference>/call/another/", views.another, name="another"),
    path("cases/<str:reference>/call/not-me/", views.not_me, name="not_me"),
]
