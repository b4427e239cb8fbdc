"""What the engine says has happened, in the language of the reader. The journal keeps the engine's own words."""

from collections.abc import Mapping
from typing import Any

from emscontrol.core.events import EVENTS, Event
from emscontrol.tui.language.choosing import _


def sentence_of(line: Mapping[str, Any]) -> str:
    """The sentence of an event as clients see it; the engine's own where it cannot be said otherwise."""
    row = EVENTS.get(str(line.get("event", "")))
    own = str(line["sentence"])
    if row is None or (template := _(row.template)) == row.template:
        return own
    try:
        return Event(row.name, dict(line["args"])).sentence(template)
    except (ValueError, KeyError):  # an engine of another version
        return own
