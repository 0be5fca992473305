from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class EngineConfig(AppConfig):
    name = "backoffice.engine"
    verbose_name = _("Engine")

    def ready(self) -> None:
        """Declares the processes, and loads what the apps registered for them."""
        from backoffice.engine.processes import declare_all

        declare_all()
        for app in apps.get_app_configs():
            for part in ("activities", "forms"):
                if app.name.startswith("backoffice.") and app.module and module_has_submodule(app.module, part):
                    import_module(f"{app.name}.{part}")
