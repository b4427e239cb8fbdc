"""A drawing on a page of a PDF."""

from typing import Any, Final

from emscontrol.record.reports.drawing import Anchor, Box, Drawing, Ink, Label, Mark, Stroke
from emscontrol.record.reports.pdf_letters import PLAIN, drawable

ENDS: Final = {Anchor.START: "drawString", Anchor.MIDDLE: "drawCentredString", Anchor.END: "drawRightString"}
NARROWER: Final = 0.92  # Vera is wider than the letters that a browser takes


def draw(canvas: Any, drawing: Drawing, x: float, y: float, scale: float) -> None:
    """Put it on the canvas with its lower left corner at (x, y)."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(scale, scale)
    for mark in drawing.marks:
        _mark(canvas, mark, drawing)
    canvas.restoreState()


def _mark(canvas: Any, mark: Mark, drawing: Drawing) -> None:
    height = drawing.height
    if isinstance(mark, Stroke):
        _stroke(canvas, mark, height)
    elif isinstance(mark, Box):
        _ink(canvas, mark.fill, mark.ink, 1.0)
        canvas.rect(mark.x, height - mark.y - mark.height, mark.width, mark.height, int(mark.ink is not None), int(_has(mark)))
    else:
        _label(canvas, mark, drawing)


def _has(mark: Box | Stroke) -> bool:
    return mark.fill is not None


def _stroke(canvas: Any, stroke: Stroke, height: float) -> None:
    if not stroke.points:
        return
    _ink(canvas, stroke.fill, stroke.ink, stroke.width)
    canvas.setDash(list(stroke.dash))
    canvas.setLineJoin(1)
    path = canvas.beginPath()
    (x, y), *rest = stroke.points
    path.moveTo(x, height - y)
    for x, y in rest:
        path.lineTo(x, height - y)
    if _has(stroke):
        path.close()
    canvas.drawPath(path, int(stroke.ink is not None), int(_has(stroke)))
    canvas.setDash([])


def _label(canvas: Any, label: Label, drawing: Drawing) -> None:
    size = label.size * NARROWER
    canvas.setFillColor(_color(label.ink))
    canvas.setFont(PLAIN, size)
    canvas.saveState()
    canvas.translate(label.x, drawing.height - label.y)
    if label.turned:
        canvas.rotate(90)
    getattr(canvas, ENDS[label.anchor])(0, 0, _within(drawable(label.text), size, _room(label, drawing)))
    canvas.restoreState()


def _room(label: Label, drawing: Drawing) -> float:
    """How wide a label may be without leaving the drawing."""
    before, after = (drawing.height - label.y, label.y) if label.turned else (label.x, drawing.width - label.x)
    rooms = {Anchor.START: after, Anchor.END: before, Anchor.MIDDLE: 2 * min(before, after)}
    return rooms[label.anchor]


def _within(text: str, size: float, room: float) -> str:
    """The text, its end given up where letters that had to be named by their numbers made it too long."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    while text and stringWidth(text, PLAIN, size) > room + 1:
        text = text.removesuffix("…")[:-1] and f"{text.removesuffix('…')[:-1]}…"
    return text


def _ink(canvas: Any, fill: Ink | None, line: Ink | None, width: float) -> None:
    if fill is not None:
        canvas.setFillColor(_color(fill))
    if line is not None:
        canvas.setStrokeColor(_color(line))
        canvas.setLineWidth(width)


def _color(ink: Ink) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(ink.value)
