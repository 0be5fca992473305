from __future__ import annotations

from django.urls import path

from backoffice.calls.desk import telephone, views

urlpatterns = [
    path("call/", views.console, name="console"),
    path("call/in/", telephone.take_in, name="take_in"),
    path("call/next/<str:reference>/", telephone.take_next, name="take_next"),
    path("call/line/<str:reference>/", telephone.line, name="line"),
    path("call/line/<str:reference>/news/", telephone.news, name="news"),
    path("call/line/<str:reference>/still/", telephone.still, name="still"),
    path("call/line/<str:reference>/press/", telephone.press, name="press"),
    path("call/line/<str:reference>/half/", telephone.half, name="half"),
    path("call/line/<str:reference>/customer-code/", telephone.customer_code, name="customer_code"),
    path("call/line/<str:reference>/about/", telephone.about, name="about"),
    path("call/line/<str:reference>/wrap-up/", telephone.wrap_up, name="wrap_up"),
    path("call/<str:reference>/", views.call, name="call"),
    path("call/<str:reference>/live/", views.live, name="live"),
    path("call/<str:reference>/order/", views.order, name="order"),
    path("call/<str:reference>/answer/<str:kind>/", views.answer, name="answer"),
]
