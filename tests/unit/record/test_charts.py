"""Charts: ticks cover what they are for, and nothing is ever drawn outside its box."""

from itertools import pairwise
from math import inf, isnan, log10, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.record.reports.axes import Axis, linear_axis, log_axis, nice_ticks
from emscontrol.record.reports.charts import chart
from emscontrol.record.reports.drawing import Box, Drawing, Ink, Label, Stroke
from emscontrol.record.reports.lettering import fitted, text_width
from emscontrol.record.reports.plots import LOOKS, Band, Bar, BarPlot, Course, Level, Line, LinePlot, Moment, Pattern, heights
from tests.unit.record.drawn import outside

VALUES = st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda value: not 0 < abs(value) < 1e-6)
Y = st.one_of(VALUES, st.just(nan))
WORDS = st.text(max_size=30)


@settings(max_examples=30)
@given(st.tuples(VALUES, VALUES).map(sorted), st.integers(2, 12))
def test_ticks_are_round_rise_evenly_and_reach_over_what_they_are_for(ends: list[float], count: int) -> None:
    low, high = ends
    ticks = nice_ticks(low, high, count)
    assert ticks[0] <= low <= high <= ticks[-1]
    steps = [after - before for before, after in pairwise(ticks)]
    assert min(steps) == pytest.approx(max(steps), rel=1e-6)
    lead = min(steps) / 10 ** round(log10(min(steps)) - 0.5 + 1e-9)
    assert any(lead == pytest.approx(round_one, rel=1e-5) for round_one in (1, 2, 5, 10))
    assert 2 <= len(ticks) <= count + 2


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [
        (0, 18, 5, (0, 5, 10, 15, 20)),
        (12.3, 25, 5, (10, 15, 20, 25)),
        (0.31, 0.34, 4, (0.31, 0.32, 0.33, 0.34)),
        (-20, 180, 5, (-50, 0, 50, 100, 150, 200)),
        (40, 40, 5, (36, 38, 40, 42, 44)),
        (0, 0, 5, (0, 0.5, 1)),
    ],
)
def test_ticks_are_those_that_a_person_would_choose(low: float, high: float, count: int, ticks: tuple[float, ...]) -> None:
    assert nice_ticks(low, high, count) == pytest.approx(ticks)


def test_there_are_no_ticks_from_more_to_less_or_to_nowhere() -> None:
    for low, high in ((2, 1), (nan, 1), (0, inf)):
        with pytest.raises(ValueError, match="no ticks"):
            nice_ticks(low, high)


@settings(max_examples=30)
@given(st.lists(Y, max_size=20), st.lists(VALUES, max_size=2))
def test_an_axis_has_every_number_on_it_and_says_where_it_is(values: list[float], reach: list[float]) -> None:
    axis = linear_axis("mA", values, reach=reach)
    for value in (*values, *reach):
        if not isnan(value):
            assert axis.low + axis.share(value) * (axis.high - axis.low) == pytest.approx(value, rel=1e-6, abs=1e-6)
    assert len({text for _, text in axis.ticks}) == len(axis.ticks)
    for value, text in axis.ticks:
        assert float(text) == pytest.approx(value, rel=1e-6, abs=1e-9)


def test_what_is_not_on_an_axis_is_not_moved_onto_it() -> None:
    axis = linear_axis("mA", [0, 10])
    for value in (-0.1, 10.1, nan, inf):
        with pytest.raises(ValueError, match="not on the axis"):
            axis.share(value)


@settings(max_examples=30)
@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20))
def test_a_logarithmic_axis_has_equal_ways_for_equal_ratios(values: list[float]) -> None:
    axis = log_axis("µs", values)
    assert axis.low <= min(values)
    assert max(values) <= axis.high
    for value in values:
        assert 0 <= axis.share(value) <= 1
    middle = (axis.low * axis.high) ** 0.5
    assert axis.share(middle) == pytest.approx(0.5)


@settings(max_examples=30)
@given(WORDS, st.floats(4, 12), st.floats(0, 400))
def test_a_text_that_is_fitted_is_no_wider_and_ends_as_a_shortened_one(text: str, size: float, width: float) -> None:
    shown = fitted(text, size, width)
    assert text_width(shown, size) <= max(width, 0)
    assert shown == text or shown == "" or shown.endswith("…")


LINES = st.lists(
    st.builds(
        Line,
        WORDS,
        st.lists(st.tuples(VALUES, Y), max_size=6).map(lambda points: tuple(sorted(points, key=lambda point: point[0]))),
        st.sampled_from(Course),
        st.booleans(),
        st.booleans(),
        st.one_of(st.just(""), st.text(max_size=12)),
    ),
    max_size=4,
)


@settings(max_examples=25)
@given(LINES, WORDS, WORDS, st.lists(st.tuples(VALUES, WORDS), max_size=3), st.booleans())
def test_lines_levels_moments_and_their_words_stay_in_the_box(
    lines: list[Line], title: str, note: str, others: list[tuple[float, str]], paired: bool
) -> None:
    xs = [x for line in lines for x, _ in line.points] + [at for at, _ in others]
    ys = [y for line in lines for _, y in line.points] + [at for at, _ in others]
    plot = LinePlot(
        title,
        linear_axis("days", xs),
        linear_axis(note, ys),
        lines,
        [Level(*each) for each in others],
        [Moment(*each) for each in others],
        [Band(min(at for at, _ in others), max(at for at, _ in others))] if others else [],
        [note, ""],
    )
    drawing = chart("t", "d", [plot] * (3 if paired else 1), columns=2 if paired else 1, row_height=240)
    assert list(outside(drawing)) == []
    assert any(isinstance(mark, Label) and mark.text == "No values." for mark in drawing.marks) == all(
        isnan(y) for line in lines for _, y in line.points
    )


@given(
    st.lists(
        st.builds(Bar, st.text(max_size=8), st.lists(st.tuples(st.integers(0, 4), st.floats(0, 50)), max_size=6).map(tuple)),
        max_size=12,
    ),
    WORDS,
)
def test_columns_stay_in_the_box(bars: list[Bar], words: str) -> None:
    kinds = [(f"{words}{number}", pattern) for number, pattern in enumerate(Pattern)]
    plot = BarPlot(words, words, linear_axis(words, heights(bars), reach=(0,)), bars, kinds)
    assert list(outside(chart("t", "d", [plot], row_height=240))) == []


def _markers(drawing: Drawing) -> list[Stroke]:
    return [mark for mark in drawing.marks if isinstance(mark, Stroke) and mark.fill is not None and mark.ink is not None]


def _middle(mark: Stroke) -> tuple[float, float]:
    corners = mark.points[:-1]
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def test_a_marker_is_where_its_value_is_by_the_labels_of_the_axes() -> None:
    """Read off as a person would: between two labelled lines of the grid, in proportion."""
    plot = LinePlot("", Axis("s", 0, 4, ((0, "0"), (4, "4"))), linear_axis("mA", [0, 20]), [Line("", ((1, 15.0), (3, nan)))])
    drawing = chart("t", "d", [plot])
    [marker] = _markers(drawing)
    lines = [mark for mark in drawing.marks if isinstance(mark, Stroke) and mark.ink is Ink.GRID]
    zero, twenty = lines[0].points[0][1], lines[-1].points[0][1]
    left, right = lines[0].points[0][0], lines[0].points[1][0]
    x, y = _middle(marker)
    assert (zero - y) / (zero - twenty) == pytest.approx(15 / 20)
    assert (x - left) / (right - left) == pytest.approx(1 / 4)


def test_a_gap_breaks_a_line_and_a_step_holds_its_value() -> None:
    axes = (linear_axis("s", [0, 4]), linear_axis("mA", [0, 20]))
    broken = LinePlot("", *axes, [Line("", ((0, 1.0), (1, 2.0), (2, nan), (3, 3.0), (4, 1.0)), marked=False)])
    ways = [mark for mark in chart("t", "d", [broken]).marks if isinstance(mark, Stroke) and mark.ink is Ink.FIRST]
    assert [len(way.points) for way in ways] == [2, 2]
    held = LinePlot("", *axes, [Line("", ((0, 1.0), (2, 2.0), (4, 1.0)), Course.STEPS, marked=False)])
    [way] = [mark for mark in chart("t", "d", [held]).marks if isinstance(mark, Stroke) and mark.ink is Ink.FIRST]
    turns = list(pairwise(way.points))
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in turns)
    assert len(turns) == 4


def test_lines_are_told_apart_without_colour_and_there_are_no_more_than_can_be() -> None:
    axes = (linear_axis("s", [0, 4]), linear_axis("mA", [0, 20]))
    lines = [Line(str(number), ((0, 1.0), (4, 2.0 + number))) for number in range(LOOKS)]
    drawing = chart("t", "d", [LinePlot("", *axes, lines)], row_height=240)
    looks = {
        (len(mark.points), round(mark.points[0][1] - _middle(mark)[1], 3), mark.fill is Ink.PAPER) for mark in _markers(drawing)
    }
    assert len(looks) == LOOKS
    with pytest.raises(ValueError, match="cannot be told apart"):
        chart("t", "d", [LinePlot("", *axes, [*lines, lines[0]])])


def test_tags_beside_the_last_values_do_not_cover_one_another() -> None:
    axes = (linear_axis("s", [0, 4]), linear_axis("mA", [0, 20]))
    lines = [Line("", ((0, 1.0), (4, 19.9 + number / 100)), tag=f"{number} mA") for number in range(5)]
    drawing = chart("t", "d", [LinePlot("", *axes, lines)])
    baselines = sorted(mark.y for mark in drawing.marks if isinstance(mark, Label) and mark.text.endswith(" mA"))
    assert len(baselines) == 5
    assert all(lower - upper >= 7.5 for upper, lower in pairwise(baselines))


def test_a_column_is_as_high_as_its_parts_together_by_the_axis() -> None:
    plot = BarPlot(
        "",
        "week",
        linear_axis("n", [4], reach=(0,)),
        [Bar("1", ((0, 1), (1, 2), (0, 1)))],
        [("a", Pattern.FULL), ("b", Pattern.HATCHED)],
    )
    drawing = chart("t", "d", [plot])
    lines = [mark for mark in drawing.marks if isinstance(mark, Stroke) and mark.ink is Ink.GRID]
    zero, four = lines[0].points[0][1], lines[-1].points[0][1]
    full, upper = [mark for mark in drawing.marks if isinstance(mark, Box) and mark.width > 20]
    assert full.y + full.height == pytest.approx(zero)
    assert full.height == upper.height == pytest.approx((zero - four) / 4)
    assert upper.y == pytest.approx(four)
    edges = [
        mark
        for mark in drawing.marks
        if isinstance(mark, Stroke)
        and len(mark.points) == 5
        and mark.points[0][0] < full.x + 1
        and mark.points[2][1] - mark.points[0][1] > 10
    ]
    [hatched] = edges
    assert hatched.points[2][1] == pytest.approx(full.y)
    assert hatched.points[2][1] - hatched.points[0][1] == pytest.approx(2 * full.height)


def test_a_text_is_taken_to_be_as_wide_as_the_widest_typeface_makes_it() -> None:
    """Held against the metrics of the typeface that the PDF embeds; a browser on Linux takes its sibling."""
    from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont("Vera", "Vera.ttf"))
    for letter in [chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0x180))] + list("–—…→"):
        assert text_width(letter, 1) >= stringWidth(letter, "Vera", 1) - 0.01, letter
    text = "Stimulated torque at a fixed current, left, 10 cm above the patella"
    assert text_width(text, 1) <= 1.1 * stringWidth(text, "Vera", 1)
