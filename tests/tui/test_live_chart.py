"""The current of the last minute: no line across a time of which nobody knows, and an axis that says where now is."""

from typing import Any

import pytest

from emscontrol.tui.braille import Canvas, Span
from emscontrol.tui.widgets.chart import drawn
from emscontrol.tui.widgets.live_chart import LiveChart
from tests.tui.engine_stub import view

COLUMNS = 67  # sixty for the picture and seven for the figures: a second a column


class Fed(LiveChart):
    """Fed with views at given times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._now_s = 1000.0
        monkeypatch.setattr("emscontrol.tui.widgets.live_chart.time.monotonic", lambda: self._now_s)

    def feed(self, since_s: int, until_s: int, known: bool = True) -> None:
        for tenth in range(since_s * 10, until_s * 10):
            self._now_s = 1000.0 + tenth / 10
            self.take(view(), known)

    def picture(self) -> list[str]:
        assert self._plot is not None
        return [line.plain for line in drawn(self._plot, COLUMNS, 9)]

    def columns(self) -> set[int]:
        """Those with anything drawn in them, by the second."""
        rows = self.picture()[1:-2]
        return {at for row in rows for at, cell in enumerate(row[7:]) if cell != " "}


@pytest.fixture
def chart(monkeypatch: pytest.MonkeyPatch) -> Fed:
    return Fed(monkeypatch)


@pytest.mark.parametrize("how", ["output unknown", "silent"])
def test_a_time_that_nobody_knows_of_is_a_gap(chart: Fed, how: str) -> None:
    chart.feed(0, 10)
    if how == "output unknown":
        chart.feed(10, 20, known=False)
    chart.feed(20, 30)
    there = chart.columns()
    assert set(range(1, 9)) | set(range(21, 29)) <= there
    assert not there & set(range(11, 19))


def test_a_view_that_comes_late_is_no_gap(chart: Fed) -> None:
    chart.feed(0, 10)
    chart._now_s += 0.8
    chart.take(view(), True)
    assert {8, 9, 10} <= chart.columns()


def test_after_a_minute_the_axis_says_that_its_end_is_now(chart: Fed) -> None:
    chart.feed(0, 20)
    assert chart.picture()[-2].split() == ["0", "s", "60", "s"]
    chart.feed(20, 90)
    assert " ".join(chart.picture()[-2].split()) == "a minute ago now"
    assert {1, 58} <= chart.columns()


def test_only_unknown_says_that_there_is_nothing(chart: Fed) -> None:
    chart.feed(0, 5, known=False)
    assert chart.picture() == ["No current yet."]


def test_a_point_alone_between_two_gaps_is_seen() -> None:
    canvas: Any = Canvas(10, 1)
    canvas.polyline([(0.0, float("nan")), (5.0, 1.0), (6.0, float("nan"))], Span(0, 9), Span(0, 1))
    assert "".join(canvas.lines()).strip()
