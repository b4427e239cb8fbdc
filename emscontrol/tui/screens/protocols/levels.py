"""Levels of several channels typed in one field: mA with a point, one for all channels or one for each."""

from collections.abc import Collection

from emscontrol.core.errors import UsageError
from emscontrol.tui.figures import typed_ua
from emscontrol.tui.language import _


def typed_levels(text: str, channels: Collection[int]) -> dict[int, int]:
    """µA by channel, empty for an empty text. Raises UsageError for a figure that is none, and for too many or too few."""
    typed = text.split()
    if not typed:
        return {}
    levels = [typed_ua(one) for one in typed]
    if len(levels) == 1:
        levels *= len(channels)
    if len(levels) != len(channels):
        what = _("{found} levels for {count} channels.").format(found=len(levels), count=len(channels))
        raise UsageError(what, _("Give one for all, or one for each, like 22.5 20."))
    return dict(zip(sorted(channels), levels, strict=True))
