"""Every measure of the table, walked: its edges are taken, what lies outside or between its steps is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.measures import ELSEWHERE, MEASURES, Where, expected, parse_value, shown
from emscontrol.clinic.patients.outcomes import Entered, SeriesOf, list_outcomes, record_outcome, series_of
from emscontrol.clinic.patients.patients import add_patient
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.core.errors import SafetyRefusal, UsageError
from tests.clinic.conftest import NOW, THERAPIST

# (id, scale): lowest, highest, step; from the table of the screening sheet, not from the code
SHEET = {
    ("mrc", ""): ("0", "5", "1"),
    ("mrc_sum", ""): ("0", "60", "1"),
    ("girth", ""): ("5", "120", "0.1"),
    ("mvc", "Nm"): ("0", "500", "0.1"),
    ("mvc", "kg"): ("0", "500", "0.1"),
    ("evoked", ""): ("0", "300", "0.1"),
    ("arom", ""): ("-20", "180", "1"),
    ("prom", ""): ("-20", "180", "1"),
    ("nrs", ""): ("0", "10", "1"),
    ("rpe", "cr10"): ("0", "10", "0.5"),
    ("rpe", "6-20"): ("6", "20", "1"),
    ("doms", ""): ("0", "10", "1"),
    ("mas", ""): ("0", "4", "1"),
    ("skin", ""): ("0", "3", "1"),
    ("tug", ""): ("1", "300", "0.1"),
    ("gait10", ""): ("0", "3", "0.01"),
    ("fma", ""): ("0", "66", "1"),
    ("arat", ""): ("0", "57", "1"),
    ("fois", ""): ("1", "7", "1"),
    ("vol", ""): ("0", "60", "0.1"),
}
DUE_DAYS = {
    **dict.fromkeys(("mrc", "mrc_sum", "evoked", "arom", "prom", "mas"), 7),
    **dict.fromkeys(("girth", "mvc"), 14),
    **dict.fromkeys(("nrs", "rpe", "skin"), 0),
    "doms": 1,
    "tug": 28,
}


def test_the_table_is_that_of_the_sheet() -> None:
    assert {(name, scale) for name, measure in MEASURES.items() for scale in measure.scales} == set(SHEET)
    assert {name: measure.due_days for name, measure in MEASURES.items() if measure.due_days is not None} == DUE_DAYS


@pytest.mark.parametrize(("name", "scale"), SHEET)
def test_the_edges_of_a_measure_are_taken_and_what_is_beyond_them_is_refused(name: str, scale: str) -> None:
    low, high, step = (Decimal(text) for text in SHEET[name, scale])
    for value in (low, low + step, high - step, high):
        milli = parse_value(name, f" {value} ", scale)
        assert milli == value * 1000
        assert parse_value(name, shown(name, milli, scale).split()[0].rstrip("°"), scale) == milli
    for value in (low - step, high + step, low + step / 2):
        with pytest.raises(UsageError) as refused:
            parse_value(name, str(value), scale)
        assert refused.value.remedy == expected(name, scale)
    for nonsense in ("", "-", "1e1", "NaN", "٣", "1_0", "0x1", f"{high} cm", "3/5"):
        with pytest.raises(UsageError):
            parse_value(name, nonsense, scale)


@pytest.mark.parametrize(
    ("name", "word", "milli"), [("mrc", "4-", 3670), ("mrc", "4+", 4330), ("mrc", "4", 4000), ("mas", "1+", 1500)]
)
def test_half_grades_are_typed_and_read_as_people_write_them(name: str, word: str, milli: int) -> None:
    assert parse_value(name, word) == milli
    assert shown(name, milli) == word


def test_a_comma_is_no_point() -> None:
    with pytest.raises(UsageError, match="after a point, not a comma"):
        parse_value("girth", "45,5")


def test_a_measure_with_several_scales_needs_one_of_them() -> None:
    with pytest.raises(UsageError, match="more than one scale") as refused:
        parse_value("rpe", "7")
    assert "cr10, 6-20" in refused.value.remedy
    with pytest.raises(UsageError, match="no scale 'kg'"):
        parse_value("girth", "45", "kg")


def test_what_is_kept_elsewhere_says_where() -> None:
    for name, where in ELSEWHERE.items():
        with pytest.raises(UsageError, match="not entered here") as refused:
            parse_value(name, "1")
        assert refused.value.remedy == where
    with pytest.raises(UsageError, match="no measure 'weight'"):
        parse_value("weight", "70")


PLACES: dict[Where, tuple[list[dict[str, str]], list[dict[str, str]]]] = {
    Where.PERSON: ([{}], [{"muscle": "ta", "side": "left"}, {"side": "left"}]),
    Where.SIDE: (
        [{"side": "left", "landmark": "10 cm above the patella"}],
        [{}, {"side": "left"}, {"landmark": "knee"}, {"side": "both", "landmark": "knee"}],
    ),
    Where.MUSCLE: (
        [{"muscle": "ta", "side": "left"}],
        [{}, {"muscle": "ta"}, {"side": "left"}, {"muscle": "xx", "side": "left"}],
    ),
    Where.FREE: ([{}, {"muscle": "ta", "side": "left"}], [{"muscle": "ta"}, {"side": "left"}]),
}


def test_every_measure_is_kept_with_its_place_and_not_without(book: Book, patient: int) -> None:
    count = 0
    for (name, scale), (_, high, _step) in SHEET.items():
        right, wrong = PLACES[MEASURES[name].where]
        for place in right:
            with book.writing(THERAPIST, NOW) as session:
                record_outcome(session, THERAPIST, NOW, patient, Entered(name, high, NOW, scale=scale, **place))
            count += 1
        for place in wrong:
            with pytest.raises((UsageError, SafetyRefusal)), book.writing(THERAPIST, NOW) as session:
                record_outcome(session, THERAPIST, NOW, patient, Entered(name, high, NOW, scale=scale, **place))
    with book.reading() as session:
        assert len(list_outcomes(session, patient)) == count


def test_results_are_listed_newest_first_and_compared_at_the_same_place_only(book: Book, patient: int) -> None:
    knee: dict[str, Any] = {"side": "left", "landmark": "10 cm above the patella"}
    for days, text, more in ((0, "45.5", knee), (14, "46.1", knee), (14, "47", knee | {"side": "right"})):
        with book.writing(THERAPIST, NOW) as session:
            at = NOW + timedelta(days=days)
            record_outcome(session, THERAPIST, at, patient, Entered("girth", text, at, **more))
    with book.reading() as session:
        assert [row.value_milli for row in list_outcomes(session, patient, "girth")] == [47000, 46100, 45500]
        assert [row.value_milli for row in list_outcomes(session, patient, limit=1)] == [47000]
        assert list_outcomes(session, patient, "mrc") == []
        assert series_of(session, patient, "girth") == {
            SeriesOf("girth", "", "left", "10 cm above the patella"): [
                Point(NOW, 45500),
                Point(NOW + timedelta(days=14), 46100),
            ],
            SeriesOf("girth", "", "right", "10 cm above the patella"): [Point(NOW + timedelta(days=14), 47000)],
        }


def test_a_result_of_tomorrow_or_of_somebody_elses_appointment_is_refused(book: Book, patient: int) -> None:
    with book.writing(THERAPIST, NOW) as session:
        other = add_patient(session, THERAPIST, NOW, code="P-2").id
        row = Appointment(patient_id=other, starts_at=NOW, ends_at=NOW, therapist="", stimulator="", status="done")
        row.reason, row.moved = "", 0
        session.add(row)
    with pytest.raises(UsageError, match="still to come"), book.writing(THERAPIST, NOW) as session:
        record_outcome(session, THERAPIST, NOW, patient, Entered("tug", "14", NOW + timedelta(days=1)))
    with pytest.raises(UsageError, match="somebody else's"), book.writing(THERAPIST, NOW) as session:
        record_outcome(session, THERAPIST, NOW, patient, Entered("tug", "14", NOW, appointment_id=row.id))
