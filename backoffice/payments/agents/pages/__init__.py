"""The pages of a company's agents, in the portal: the company says who they are, and they join."""

from __future__ import annotations

from django.urls import path

from backoffice.payments.agents.pages import company, joining

urlpatterns = [
    path("merchant/join/", joining.join, name="join"),
    path("merchant/<str:reference>/agents/", company.agents, name="agents"),
    path("merchant/<str:reference>/agents/add/", company.add, name="add"),
    path("merchant/<str:reference>/agents/add-token/", company.add_token, name="add_token"),
    path("merchant/<str:reference>/agents/<uuid:agent_id>/invite/", company.invite, name="invite"),
    path("merchant/<str:reference>/agents/<uuid:agent_id>/remove/", company.remove, name="remove"),
]
