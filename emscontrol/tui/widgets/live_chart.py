"""The current of the last minute, drawn as it goes, a few times a second however often a view comes."""

import time
from collections import deque
from collections.abc import Mapping
from math import inf, isnan, nan
from typing import Any, Final

from emscontrol.core.units import UA_PER_MA
from emscontrol.tui.braille import Span
from emscontrol.tui.language import _
from emscontrol.tui.widgets.chart import Chart, Plot

SPAN_S: Final = 60
EVERY_S: Final = 0.2  # five pictures a second are smooth enough for a ramp of half a second, and cheap
KEPT: Final = SPAN_S * 12  # views; the engine shows ten a second
GAP_S: Final = 1.0  # ten views missing: nobody saw what flowed between, so no line is drawn across


class LiveChart(Chart):
    """Takes every view, draws some. A time without views, or without a known output, is a gap and not a line."""

    DEFAULT_CSS = "LiveChart { height: 9; width: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("live")
        self._points: dict[int, deque[tuple[float, float]]] = {}
        self._drawn_s = 0.0
        self._began_s = 0.0

    def take(self, view: Mapping[str, Any], known: bool) -> None:
        """One view: a point for each channel."""
        now_s = time.monotonic()
        self._began_s = self._began_s or now_s
        at_s = now_s - self._began_s
        for name, row in view.get("channels", {}).items():
            points = self._points.setdefault(int(name), deque(maxlen=KEPT))
            last_s, last_ma = points[-1] if points else (-inf, nan)
            if not isnan(last_ma) and (not known or at_s - last_s > GAP_S):
                points.append((last_s, nan))
            if known:
                points.append((at_s, row["amplitude_ua"] / UA_PER_MA))
        if now_s - self._drawn_s >= EVERY_S:
            self._drawn_s = now_s
            self._draw(at_s)

    def _draw(self, now_s: float) -> None:
        first_s = max(0.0, now_s - SPAN_S)
        series = {
            str(channel): tuple(point for point in points if point[0] >= first_s)
            for channel, points in sorted(self._points.items())
        }
        top = max((ma for points in series.values() for _at, ma in points if not isnan(ma)), default=0.0)
        minute = now_s > SPAN_S
        self.show(
            Plot(
                series=series,
                across_words="",
                upward_words="mA",
                across=Span(first_s, first_s + SPAN_S),
                upwards=Span(0, max(10.0, top * 1.1)),
                ticks=(
                    (first_s, _("a minute ago") if minute else "0 s"),
                    (first_s + SPAN_S, _("now") if minute else f"{SPAN_S} s"),
                ),
                nothing=_("No current yet."),
            )
        )
