from __future__ import annotations

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "backoffice.voice"
