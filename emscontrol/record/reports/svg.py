"""A drawing as SVG inside a page: no style, no script, no link, nothing that is fetched."""

from typing import Final

from emscontrol.record.reports.drawing import Anchor, Box, Drawing, Label, Mark, Stroke
from emscontrol.record.reports.marked import marked

ENDS: Final = {Anchor.START: "start", Anchor.MIDDLE: "middle", Anchor.END: "end"}


def svg(drawing: Drawing, name: str) -> str:
    """The element. `name` is unique in its page: title and description are found by it."""
    size = f"{_n(drawing.width)} {_n(drawing.height)}"
    marks = "".join(map(_mark, drawing.marks))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-t {name}-d" viewBox="0 0 {size}"'
        f' width="{_n(drawing.width)}pt" font-family="sans-serif">'
        f'<title id="{name}-t">{marked(drawing.title)}</title><desc id="{name}-d">{marked(drawing.description)}</desc>'
        f"{marks}</svg>"
    )


def _mark(mark: Mark) -> str:
    if isinstance(mark, Stroke):
        return _stroke(mark)
    return _box(mark) if isinstance(mark, Box) else _label(mark)


def _stroke(stroke: Stroke) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in stroke.points)
    element = "polyline" if stroke.fill is None else "polygon"
    dash = f' stroke-dasharray="{" ".join(map(_n, stroke.dash))}"' if stroke.dash else ""
    line = ' stroke="none"' if stroke.ink is None else f' stroke="{stroke.ink}" stroke-width="{_n(stroke.width)}"'
    return f'<{element} points="{points}" fill="{stroke.fill or "none"}"{line}{dash} stroke-linejoin="round"/>'


def _box(box: Box) -> str:
    # crisp, so that no light shows between the squares of a code
    line = "" if box.ink is None else f' stroke="{box.ink}"'
    place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'
    return f'<rect {place} fill="{box.fill or "none"}"{line} shape-rendering="crispEdges"/>'


def _label(label: Label) -> str:
    place = f'x="{_n(label.x)}" y="{_n(label.y)}"'
    turned = f' transform="rotate(-90 {_n(label.x)} {_n(label.y)})"' if label.turned else ""
    return (
        f'<text {place} font-size="{_n(label.size)}" text-anchor="{ENDS[label.anchor]}" fill="{label.ink}"{turned}>'
        f"{marked(label.text)}</text>"
    )


def _n(value: float) -> str:
    """A number to a hundredth, as short as it can be told."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
