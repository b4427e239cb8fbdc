"""A course as a report: what it says first, what each chart shows, and that nothing leaves its box."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.clinic.course.course import LevelOf
from emscontrol.clinic.course.report import course_report
from emscontrol.clinic.patients.measures import MEASURES
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.sessions.adherence import Adherence
from emscontrol.record.reports.blocks import Chart, Facts, Notice, Report, Section, Table, Text, Weight
from emscontrol.record.reports.drawing import Label
from tests.clinic.conftest import NOW
from tests.clinic.course.material import course, occasion, page, performed
from tests.unit.record.drawn import outside

DAY = timedelta(days=1)
AT = LevelOf("quad_rf", "left", "comfort", 4500, 300)


def _section(report: Report, title: str) -> Section:
    return next(section for section in report.sections if section.title.startswith(title))


def _charts(report: Report) -> list[Chart]:
    return [block for section in report.sections for block in section.blocks if isinstance(block, Chart)]


def _words(report: Report, title: str) -> str:
    blocks = _section(report, title).blocks
    facts = [f"{name}: {value}" for block in blocks if isinstance(block, Facts) for name, value in block.rows]
    return "\n".join([*facts, *(block.text for block in blocks if isinstance(block, Text | Notice))])


def _weeks() -> Report:
    """Two weeks of a plan of six: whole, cut short, missed, called off, to come."""
    plan = page(
        [
            occasion(1, NOW - 8 * DAY, "done"),
            occasion(2, NOW - 6 * DAY, "done"),
            occasion(3, NOW - 4 * DAY, "missed", reason="did not come"),
            occasion(4, NOW - 2 * DAY, "cancelled", reason="holiday"),
            occasion(5, NOW + DAY, "booked"),
        ],
        starts_on="2026-02-22",
        given=Adherence(3, 2, 1, 1, 2, 1, 7, 12, 1_200_000_000, 4_000_000_000),
    )
    sessions = [
        performed(1, NOW - 8 * DAY),
        performed(2, NOW - 6 * DAY, 3, result="stopped", reason="by anna"),
        performed(None, NOW - DAY, 4, plan_id=None, counts=False, simulated=True),
    ]
    levels = {AT: (Point(NOW - 8 * DAY, 20_000), Point(NOW - DAY, 23_500))}
    results = {
        SeriesOf("fma"): (Point(NOW - 8 * DAY, 30_000), Point(NOW - DAY, 44_000)),
        SeriesOf("skin"): (Point(NOW - 6 * DAY, 1000), Point(NOW - DAY, 0)),
    }
    return course_report(course(plan, sessions, levels, results, alerts=("Plan 1 has a proposal that waits.",)))


def test_where_the_treatment_is_comes_first_the_figures_before_the_words() -> None:
    report = _weeks()
    assert report.sections[0].title == "Where we are"
    told = _words(report, "Where we are")
    assert "Sessions: 2 of 18 given, 1 cut short, 1 missed, 1 to come, 1 called off; next on 2026-03-03" in told
    assert "Adherence: 58.3 %, 7 of 12 contractions" in told
    assert "Main outcome: Fugl-Meyer, arm: from 30 on 2026-02-22 to 44 on 2026-03-01, better" in told
    assert "In the way: Plan 1 has a proposal that waits." in told
    assert "a missed session counts as an average one" in told


def test_every_figure_of_the_weeks_stands_in_the_table_behind_its_chart() -> None:
    [by_week] = [chart for chart in _charts(_weeks()) if "by week" in chart.drawing.title]
    assert "1 given whole, 1 cut short, 1 missed, 1 to come, 1 called off" in by_week.drawing.description
    assert "7 contractions as commanded" in by_week.drawing.description
    header, first, second = by_week.table.header, *by_week.table.rows[:2]
    assert dict(zip(header, first, strict=True)) == {
        "week": "1",
        "begins": "2026-02-22",
        "given whole": "1",
        "cut short": "1",
        "missed": "1",
        "no record": "0",
        "to come": "0",
        "contr.": "7",
        "of": "8",
        "min": "20.0",
        "mC": "4.0",
    }
    assert second[header.index("to come")] == "1"
    assert second[header.index("contr.")] == "–"  # nothing took place, which is not nothing given


def test_each_picture_says_in_words_what_can_be_seen() -> None:
    told = {chart.drawing.title: chart.drawing.description for chart in _charts(_weeks())}
    assert "comfort from 20.0 mA (2026-02-22) to 23.5 mA (2026-03-01)" in told["Levels over time"]
    assert "peak from 16.0 mA (2026-02-22) to 16.0 mA (2026-02-24)." in told["Levels over time"]  # the last that counts
    assert "Fugl-Meyer, arm: from 30" in told["Outcomes over time"]
    assert "Skin: highest 1 on 2026-02-24, last 0" in told["How the sessions were borne"]
    labels = [mark.text for chart in _charts(_weeks()) for mark in chart.drawing.marks if isinstance(mark, Label)]
    assert "better; more is better" in labels
    assert "less is better" in labels
    assert "worked out, not measured" in labels
    assert "as commanded" in labels


def test_sessions_stand_at_the_end_with_their_record_and_what_did_not_take_place_with_its_reason() -> None:
    section = _weeks().sections[-1]
    [table] = [block for block in section.blocks if isinstance(block, Table)]
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    assert [row["what became of it"] for row in rows] == [
        "given whole",
        "cut short: stopped, by anna",
        "missed: did not come",
        "called off: holiday",
        "does not count (simulated): completed, the program is over",
    ]
    assert [row["plan"] for row in rows] == ["1", "1", "1", "1", "–"]
    assert [row["contr."] for row in rows] == ["4 of 4", "3 of 4", "–", "–", "4 of 4"]
    assert [row["record"] for row in rows] == ["intact", "intact", "–", "–", "intact"]
    assert rows[0]["digest"] == "ab" * 6
    assert rows[0]["peak, mA"] == "16.0"
    [alone] = course_report(course(page(), [performed(None, NOW)])).sections[-1].blocks
    assert isinstance(alone, Table)
    assert "plan" not in alone.header  # it is of one plan alone, which stands in the title


def test_marks_of_the_skin_and_interruptions_are_told_and_what_was_never_entered_is_not_called_well() -> None:
    told = _words(_weeks(), "Skin and interruptions")
    assert "Skin 1, red for less than 30 min: 2026-02-24." in told
    assert "stopped, by anna." in told
    assert "Every session" not in told
    none = _words(course_report(course(page(), [performed(None, NOW)])), "Skin and interruptions")
    assert "never entered" in none
    assert "Every session ran to its end." in none
    tried = [performed(None, NOW, simulated=True, counts=False, result="fault", reason="electrode off"), performed(None, NOW)]
    mixed = _words(course_report(course(page(), tried)), "Skin and interruptions")
    assert "does not count (simulated): fault, electrode off." in mixed
    assert "Every session that counts ran to its end." in mixed
    assert "ran to its end" not in _words(course_report(course(page(), tried[:1])), "Skin and interruptions")


def test_of_a_simulated_session_in_a_clinic_nothing_is_counted_and_it_is_told() -> None:
    assert any("simulated: nothing of that counts here" in notice.text for notice in _weeks().notices)


def test_skin_in_the_way_is_an_alarm_above_all_else() -> None:
    report = course_report(course(page(), skin="The skin was marked on 2026-03-01."))
    assert report.notices[0].weight is Weight.ALARM
    assert "The skin was marked" in report.notices[0].text


def test_a_course_without_anything_is_a_report_that_says_so() -> None:
    empty = replace(course(page()), plans=(), only=None)
    told = [_words(course_report(empty), title) for title in ("Where we are", "Levels", "Outcomes", "Sessions")]
    for words, expected in zip(told, ("Nothing was prescribed.", "No level", "No outcome", "No session"), strict=True):
        assert expected in words
    assert not _charts(course_report(empty))


SERIES = st.builds(
    SeriesOf,
    st.sampled_from(sorted(MEASURES)),
    st.sampled_from(("", "quad_rf", "no_such_muscle_at_all_that_anybody_knows")),
    st.sampled_from(("", "left")),
    st.text(max_size=30),
).map(lambda of: replace(of, scale=next(iter(MEASURES[of.measure].scales))))
LEVELS = st.builds(
    LevelOf,
    st.sampled_from(("quad_rf", "ham", "nobody_knows")),
    st.sampled_from(("left", "right")),
    st.sampled_from(("sensory", "motor", "comfort")),
    st.sampled_from((4500, 2500)),
    st.sampled_from((300, 400)),
)
TIMES = st.integers(-60 * 24, 400 * 24).map(lambda hours: NOW + timedelta(hours=hours))


def _valued(low: int, high: int) -> st.SearchStrategy[tuple[Point, ...]]:
    points = st.lists(st.builds(Point, TIMES, st.integers(low, high)), min_size=1, max_size=5)
    return points.map(lambda found: tuple(sorted(found, key=lambda point: point.taken_at)))


@settings(max_examples=25)
@given(
    st.dictionaries(LEVELS, _valued(0, 130_000), max_size=8),
    st.dictionaries(SERIES, _valued(-20_000, 500_000), max_size=5),
    st.lists(st.builds(performed, st.none(), TIMES, st.integers(0, 5000)), max_size=8),
)
def test_whatever_was_measured_every_picture_stays_in_its_box(
    levels: dict[LevelOf, tuple[Point, ...]], results: dict[SeriesOf, tuple[Point, ...]], sessions: list[object]
) -> None:
    report = course_report(course(page(), sessions, levels, results))  # type: ignore[arg-type]
    for chart in _charts(report):
        assert list(outside(chart.drawing)) == []
        assert all(len(row) == len(chart.table.header) for row in chart.table.rows)
