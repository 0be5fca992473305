from __future__ import annotations

from django.urls import path

from backoffice.staff import demonstration

app_name = "demonstration"
urlpatterns = [
    path("", demonstration.people, name="people"),
    path("<slug:username>/", demonstration.enter, name="enter"),
]
