"""Which way an outcome goes, in words."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from emscontrol.clinic.course.progress import OF_EACH_SESSION, ORDER, main_outcome, sentence, way
from emscontrol.clinic.patients.measures import MEASURES, Better
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point
from tests.clinic.conftest import NOW

ZONE = ZoneInfo("Europe/Berlin")
WEEK = timedelta(weeks=1)


def _points(*values: int) -> tuple[Point, ...]:
    return tuple(Point(NOW + number * WEEK, value * 1000) for number, value in enumerate(values))


def test_every_measure_has_its_place_and_its_direction() -> None:
    assert set(ORDER) == set(MEASURES)
    assert len(ORDER) == len(MEASURES)
    by_way = {better: {name for name, measure in MEASURES.items() if measure.better is better} for better in Better}
    assert by_way[Better.LESS] == {"nrs", "doms", "mas", "skin", "tug"}
    assert by_way[Better.OPEN] == {"girth", "rpe"}
    assert {name for name, measure in MEASURES.items() if measure.due_days in (0, 1)} == OF_EACH_SESSION


@pytest.mark.parametrize(
    ("measure", "values", "words"),
    [
        ("fma", (30, 40), "better"),
        ("fma", (40, 30), "worse"),
        ("tug", (20, 12), "better"),
        ("tug", (12, 20), "worse"),
        ("mvc", (100, 110), "within the error"),  # a tenth of the first value
        ("mvc", (100, 111), "better"),
        ("girth", (40, 41), "within the error"),
        ("girth", (40, 42), "more"),
        ("girth", (42, 40), "less"),
        ("fma", (30, 50, 30), "unchanged"),
        ("fma", (30,), "one value only"),
    ],
)
def test_a_change_is_called_better_or_worse_only_beyond_its_error(measure: str, values: tuple[int, ...], words: str) -> None:
    assert way(SeriesOf(measure, scale="Nm" if measure == "mvc" else ""), _points(*values)) == words


def test_a_sentence_tells_values_days_and_how_exact_they_are() -> None:
    told = sentence(SeriesOf("mvc", "quad_rf", "left", scale="Nm"), _points(48, 60), ZONE)
    assert "from 48 Nm on 2026-03-02 to 60 Nm on 2026-03-09, better (measuring error up to 4.8 Nm); 2 values." in told
    assert "left: from" in told  # the unit stands with the values, and not with the place
    assert sentence(SeriesOf("fma"), _points(30, 40), ZONE).endswith("better (measuring error not known); 2 values.")
    pain = sentence(SeriesOf("nrs"), _points(1, 6, 2), ZONE)
    assert pain == "Pain 0 to 10: highest 6 on 2026-03-09, last 2; 3 values."


def test_the_main_outcome_is_strength_or_function_that_was_taken_twice_and_never_pain() -> None:
    pain, walking, grade = SeriesOf("nrs"), SeriesOf("tug"), SeriesOf("mrc", "quad_rf", "left")
    assert main_outcome({pain: _points(1, 2), walking: _points(20, 12), grade: _points(3)}) == (walking, _points(20, 12))
    assert main_outcome({pain: _points(1, 2), grade: _points(3)}) == (grade, _points(3))
    assert main_outcome({pain: _points(1, 2)}) is None
