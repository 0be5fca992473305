from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from backoffice.api.views import health
from backoffice.portal.polling import calls_now
from backoffice.portal.views import calls, joining, stopping
from backoffice.portal.views.check import check
from backoffice.portal.views.home import home
from backoffice.ui.mounting import pages_of_rooms
from backoffice.ui.staying import session

urlpatterns = [
    path("", home, name="home"),
    path("portal/", include("backoffice.portal.urls")),
    path("check/", check, name="check"),
    path("calls/now/", calls.ask, name="calling"),
    path("live/now", calls_now, name="live_now"),
    path("stop/", stopping.stop, name="stop"),
    path("join/", joining.join, name="join"),
    path("join/code/", joining.code, name="join_code"),
    path("join/again/", joining.again, name="join_again"),
    *pages_of_rooms("public"),
    path("documents/", include("backoffice.documents.urls")),
    path("desk/", admin.site.urls),
    path("account/session/", session, name="account_session"),
    path("account/", include("backoffice.staff.account_urls")),
    path("field/", include("backoffice.field.urls")),
    path("api/", include("backoffice.api.urls")),
    path("livez", health.livez),
    path("readyz", health.readyz),
]

handler400 = "backoffice.raw_input.bad_request"

if settings.DEMO_MODE and not settings.PRODUCTION:
    urlpatterns += [path("demo/", include("demo.urls"))]
