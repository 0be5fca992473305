from __future__ import annotations

from django.urls import path

from demo import views

app_name = "demonstration"
urlpatterns = [
    path("", views.people, name="people"),
    path("<slug:username>/", views.enter, name="enter"),
]
