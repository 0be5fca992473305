from __future__ import annotations

from django.urls import path

from backoffice.calls.back.portal import public, views

urlpatterns = [
    path("cases/<str:reference>/our-call/", views.call, name="call"),
    path("cases/<str:reference>/our-call/status/", views.status, name="status"),
    path("cases/<str:reference>/our-call/move/", views.move, name="move"),
    path("cases/<str:reference>/our-call/call-off/", views.call_off, name="call_off"),
    path("call-me/", public.call_me, name="call_me"),
]
