"""Sessions that end in the middle of a form."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from django.test import Client

from backoffice.ui.page_forms import MARK

HOUR = 3600.0


def form_on(client: Client, address: str) -> dict[str, str]:
    """What the page there sends besides what is typed: its mark, and its hidden fields."""
    page = client.get(address).content.decode()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    assert MARK in dict(hidden)
    return {name: html.unescape(value) for name, value in hidden if name != "csrfmiddlewaretoken"}


def idle_for(client: Client, seconds: float) -> None:
    """As if the person had done nothing for so long."""
    session = client.session
    since, seen, idle = session["signed_in"]
    session["signed_in"] = [since - seconds, seen - seconds, idle]
    session.save()


def signed_out(client: Client) -> None:
    idle_for(client, 3 * HOUR)


def values_in(page: str, names: Mapping[str, str]) -> dict[str, str]:
    """What the fields of a page hold: of an input its value, of an area its text."""
    found = {}
    for name in names:
        area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*([^<]*)</textarea>', page)
        box = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
        value = re.search(r'value="([^"]*)"', box[0]) if box else None
        found[name] = html.unescape(area[1] if area else value[1] if value else "").strip()
    return found
