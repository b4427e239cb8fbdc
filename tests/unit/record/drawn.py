"""What of a drawing would be cut off at the edge of its box."""

from collections.abc import Iterator
from math import isnan

from emscontrol.record.reports.drawing import Anchor, Box, Drawing, Mark, Stroke
from emscontrol.record.reports.lettering import text_width


def outside(drawing: Drawing) -> Iterator[Mark]:
    """Every mark that reaches over an edge, or is nowhere."""
    for mark in drawing.marks:
        left, top, right, bottom = _around(mark)
        inside = left >= -0.01 and top >= -0.01 and right <= drawing.width + 0.01 and bottom <= drawing.height + 0.01
        if not inside or any(map(isnan, (left, top, right, bottom))):
            yield mark


def _around(mark: Mark) -> tuple[float, float, float, float]:
    """Left, top, right, bottom; a text reaches three quarters of its size up and a fifth down."""
    if isinstance(mark, Box):
        return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
    if isinstance(mark, Stroke):
        return (
            min(x for x, _ in mark.points),
            min(y for _, y in mark.points),
            max(x for x, _ in mark.points),
            max(y for _, y in mark.points),
        )
    width = text_width(mark.text, mark.size)
    left = mark.x - {Anchor.START: 0, Anchor.MIDDLE: width / 2, Anchor.END: width}[mark.anchor]
    return left, mark.y - 0.75 * mark.size, left + width, mark.y + 0.2 * mark.size
