from __future__ import annotations

from django.urls import path

from backoffice.calls.desk import views

urlpatterns = [
    path("call/", views.console, name="console"),
    path("call/<str:reference>/", views.call, name="call"),
    path("call/<str:reference>/live/", views.live, name="live"),
    path("call/<str:reference>/order/", views.order, name="order"),
    path("call/<str:reference>/answer/<str:kind>/", views.answer, name="answer"),
]
