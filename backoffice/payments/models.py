"""The tables of the payments room. Each is written down in the folder of its subject and imported here."""

from __future__ import annotations
