"""Conversations of the voice gateway that belong to rooms above this one, by how their ids begin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from backoffice.actors import Actor
from backoffice.voice.contract import INCOMING, Event

Takes = Callable[[Event, Actor, datetime], bool]
"""Takes an event at `now` (aware UTC); gives whether it changed something. A late, doubled or unknown one does not."""
_rooms: dict[str, Takes] = {}


def register(prefix: str, takes: Takes) -> None:
    """From now on the events of conversations whose ids begin so go there. Raises `ValueError` for a prefix that would
    take another room's, or calls that come in."""
    for known in (*_rooms, INCOMING):
        if known.startswith(prefix) or prefix.startswith(known):
            raise ValueError(f"the ids of conversations “{prefix}…” belong to another room")
    _rooms[prefix] = takes


def room_of(conversation: str) -> Takes | None:
    """Who takes the events of this conversation; None where it is one of this room."""
    return next((takes for prefix, takes in _rooms.items() if conversation.startswith(prefix)), None)
