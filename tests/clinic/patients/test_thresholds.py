"""Thresholds as they were measured, and the level that holds today."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.lookup import Level, Missing, level_for
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.patients.patients import add_patient
from emscontrol.clinic.patients.thresholds import Measured, is_due, newest_thresholds, record_threshold
from emscontrol.clinic.patients.withdrawing import take_back
from emscontrol.clinic.tables.facts import Audit
from emscontrol.core.errors import BookError, EmsError, SafetyRefusal, UsageError
from tests.clinic.conftest import NOW, THERAPIST

DAY = timedelta(days=1)
MOTOR = Measured("quad_all", "right", "motor", 4500, 300, 18_000, "by hand", NOW)


def _keep(book: Book, patient: int, *measured: Measured) -> list[int]:
    numbers = []
    for each in measured:
        with book.writing(THERAPIST, NOW) as session:
            numbers.append(record_threshold(session, THERAPIST, each.measured_at, patient, each).id)
    return numbers


def _examine(book: Book, patient: int, lmn: str) -> None:
    with book.writing(THERAPIST, NOW) as session:
        examine(
            session,
            THERAPIST,
            NOW,
            patient_id=patient,
            muscle="quad_all",
            side="right",
            lmn=lmn,
            sensation="normal",
            how="1 ms test",
            examined_at=NOW,
        )


def _level(book: Book, patient: int, **other: Any) -> Level | Missing:
    asked = {"muscle": "quad_all", "side": "right", "kind": "motor", "area_mm2": 4500, "width_us": 300}
    asked |= {"now": NOW, "threshold_days": 7, "zone": book.about.zone}
    with book.reading() as session:
        return level_for(session, patient, **(asked | other))


WRONG: list[tuple[dict[str, Any], type[EmsError], str]] = [
    ({"muscle": "quadriceps"}, SafetyRefusal, "not in the catalogue"),
    ({"side": "both"}, UsageError, "no side 'both'"),
    ({"kind": "pain"}, UsageError, "no kind of threshold"),
    ({"amplitude_ua": -1}, UsageError, "no threshold"),
    ({"amplitude_ua": 130_001}, UsageError, "no threshold"),
    ({"width_us": 0}, UsageError, "no pulse width"),
    ({"width_us": 200_001}, UsageError, "no pulse width"),
    ({"area_mm2": 0}, UsageError, "no size of an electrode"),
    ({"area_mm2": 100_001}, UsageError, "no size of an electrode"),
    ({"rate_mhz": 0}, UsageError, "rate is above zero"),
    ({"how": ""}, UsageError, "way it was measured is missing"),
    ({"measured_at": NOW + timedelta(minutes=6)}, UsageError, "still to come"),
]


def test_what_cannot_be_measured_is_refused(book: Book, patient: int) -> None:
    for wrong, error, told in WRONG:
        with pytest.raises(error, match=told), book.writing(THERAPIST, NOW) as session:
            record_threshold(session, THERAPIST, NOW, patient, replace(MOTOR, **wrong))
    _keep(book, patient, replace(MOTOR, amplitude_ua=130_000, area_mm2=100_000), replace(MOTOR, amplitude_ua=0))


@pytest.mark.parametrize("kind", [("sensory", 18_001), ("comfort", 17_999)])
def test_of_one_day_and_the_same_pulses_none_is_above_the_next(book: Book, patient: int, kind: tuple[str, int]) -> None:
    _keep(book, patient, MOTOR)
    wrong = replace(MOTOR, kind=kind[0], amplitude_ua=kind[1], measured_at=NOW - timedelta(minutes=5))
    with pytest.raises(UsageError, match="would be below") as refused:
        _keep(book, patient, wrong)
    assert "motor" in str(refused.value)
    assert kind[0] in str(refused.value)
    _keep(
        book,
        patient,
        replace(wrong, amplitude_ua=18_000),
        replace(wrong, side="left"),
        replace(wrong, area_mm2=2500),
        replace(wrong, width_us=400),
        replace(wrong, measured_at=NOW - DAY),
    )


def test_pulses_at_another_rate_are_others(book: Book, patient: int) -> None:
    _keep(book, patient, replace(MOTOR, rate_mhz=35_000))
    low = replace(MOTOR, kind="comfort", amplitude_ua=17_000)
    _keep(book, patient, replace(low, rate_mhz=80_000))
    with pytest.raises(UsageError, match="would be below"):
        _keep(book, patient, low)


COMFORT = replace(MOTOR, kind="comfort", amplitude_ua=24_000)


def test_a_comfort_level_far_above_the_last_one_needs_a_reason_that_its_trace_keeps(book: Book, patient: int) -> None:
    _keep(book, patient, replace(COMFORT, measured_at=NOW - 8 * DAY))
    _keep(book, patient, replace(COMFORT, amplitude_ua=30_000, measured_at=NOW - 7 * DAY))  # exactly a quarter more
    higher = replace(COMFORT, amplitude_ua=37_501)
    for why in ("", "  "):
        with pytest.raises(UsageError, match=r"37\.501 mA is far above the last comfort level .*, 30\.0 mA"):
            _keep_why(book, patient, higher, why)
    assert len(_traces(book)) == 2
    _keep_why(book, patient, higher, "new pads, the old ones were dry")
    assert "far above 30.0 mA before: new pads, the old ones were dry" in _traces(book)[-1]["how"]
    level = _level(book, patient, kind="comfort")
    assert isinstance(level, Level)
    assert level.amplitude_ua == 37_501
    with pytest.raises(UsageError, match="not far above"):
        _keep_why(book, patient, higher, "always given")
    _keep(book, patient, replace(COMFORT, amplitude_ua=20_000))


def test_far_above_is_of_the_same_place_and_pulse_and_of_comfort_alone(book: Book, patient: int) -> None:
    _keep(book, patient, COMFORT, replace(MOTOR, amplitude_ua=10_000))
    others = ({"muscle": "ham"}, {"side": "left"}, {"area_mm2": 2500}, {"width_us": 200})
    _keep(book, patient, *(replace(COMFORT, amplitude_ua=90_000, **other) for other in others))
    _keep(book, patient, replace(MOTOR, amplitude_ua=20_000))
    with pytest.raises(UsageError, match="far above"):
        _keep(book, patient, replace(COMFORT, amplitude_ua=90_000, measured_at=NOW - 30 * DAY))


def test_what_was_taken_back_is_no_last_level(book: Book, patient: int) -> None:
    _, wrong = _keep(book, patient, replace(COMFORT, measured_at=NOW - DAY), replace(COMFORT, amplitude_ua=29_000))
    with book.writing(THERAPIST, NOW) as session:
        take_back(session, THERAPIST, NOW, "threshold", patient, wrong, 1, "wrong leg")
    with pytest.raises(UsageError, match=r"24\.0 mA"):
        _keep(book, patient, replace(COMFORT, amplitude_ua=31_000))


def _keep_why(book: Book, patient: int, measured: Measured, why: str) -> None:
    with book.writing(THERAPIST, NOW) as session:
        record_threshold(session, THERAPIST, NOW, patient, measured, why)


def _traces(book: Book) -> list[dict[str, Any]]:
    with book.reading() as session:
        return list(session.scalars(select(Audit.after).where(Audit.entity == "thresholds").order_by(Audit.entity_id)))


def test_the_newest_of_each_kind_counts_and_none_that_was_taken_back(book: Book, patient: int) -> None:
    first, second, other = _keep(
        book, patient, replace(MOTOR, measured_at=NOW - 2 * DAY), MOTOR, replace(MOTOR, width_us=400, amplitude_ua=16_000)
    )
    with book.reading() as session:
        assert [row.id for row in newest_thresholds(session, patient)] == [second, other]
    with book.writing(THERAPIST, NOW) as session:
        take_back(session, THERAPIST, NOW, "threshold", patient, second, 1, "wrong leg")
    with book.reading() as session:
        assert [row.id for row in newest_thresholds(session, patient)] == [first, other]


def test_a_threshold_is_due_at_the_end_of_its_days() -> None:
    assert not is_due(NOW - 7 * DAY + timedelta(seconds=1), NOW, 7)
    assert is_due(NOW - 7 * DAY, NOW, 7)


def test_the_level_is_the_newest_one_measured(book: Book, patient: int) -> None:
    number = _keep(book, patient, replace(MOTOR, amplitude_ua=25_000, measured_at=NOW - DAY), MOTOR)[1]
    words = "motor of quad_all right 18.0 mA at 300 µs on 45 cm², measured on 2026-03-02."
    assert _level(book, patient) == Level(18_000, NOW, False, False, words, number)
    assert isinstance(_level(book, patient, kind="comfort"), Missing)
    assert isinstance(_level(book, patient, side="left"), Missing)


def test_a_level_that_was_never_measured_is_missing_in_words(book: Book, patient: int) -> None:
    found = _level(book, patient)
    assert found == Missing(
        "There is no motor level of quad_all right for 300 µs on 45 cm². It was never measured. Measure it."
    )


def test_a_level_is_estimated_from_another_width_on_a_muscle_with_its_nerve_only(book: Book, patient: int) -> None:
    _keep(book, patient, replace(MOTOR, amplitude_ua=22_000))
    for lmn in ("", "unknown", "partial", "absent"):
        if lmn:
            _examine(book, patient, lmn)
        found = _level(book, patient, width_us=200)
        assert isinstance(found, Missing)
        assert (lmn or "not examined") in found.sentence
    _examine(book, patient, "intact")
    estimated = _level(book, patient, width_us=200)
    assert isinstance(estimated, Level)
    assert (estimated.amplitude_ua, estimated.estimated, estimated.stale) == (27_000, True, False)
    assert "estimated from 22.0 mA at 300 µs" in estimated.sentence
    for wrong, told in (({"area_mm2": 2500, "width_us": 200}, "another size"), ({"width_us": 149}, "too far")):
        found = _level(book, patient, **wrong)
        assert isinstance(found, Missing)
        assert told in found.sentence


def test_an_old_level_is_stale_and_gives_way_to_a_fresh_estimate(book: Book, patient: int) -> None:
    _examine(book, patient, "intact")
    _keep(book, patient, replace(MOTOR, width_us=200, amplitude_ua=40_000, measured_at=NOW - 8 * DAY))
    old = _level(book, patient, width_us=200)
    assert isinstance(old, Level)
    assert (old.amplitude_ua, old.estimated, old.stale) == (40_000, False, True)
    assert "older than 7 days" in old.sentence
    _keep(book, patient, replace(MOTOR, amplitude_ua=22_000, measured_at=NOW - DAY))
    fresh = _level(book, patient, width_us=200)
    assert isinstance(fresh, Level)
    assert (fresh.amplitude_ua, fresh.estimated, fresh.stale) == (27_000, True, False)
    both_old = _level(book, patient, width_us=200, now=NOW + 30 * DAY)
    assert isinstance(both_old, Level)
    assert (both_old.amplitude_ua, both_old.estimated, both_old.stale) == (40_000, False, True)


def test_a_measurement_from_the_future_is_not_believed(book: Book, patient: int) -> None:
    _keep(book, patient, replace(MOTOR, measured_at=NOW + DAY))
    assert isinstance(_level(book, patient), Missing)
    assert isinstance(_level(book, patient, now=NOW + DAY), Level)


@pytest.mark.parametrize("width_us", [300, 200])
@pytest.mark.parametrize("tampering", ["UPDATE thresholds SET amplitude_ua = 90000", "UPDATE muscle_states SET lmn = 'intact'"])
def test_what_was_tampered_with_gives_no_level(book: Book, patient: int, tampering: str, width_us: int) -> None:
    _examine(book, patient, "absent" if "muscle" in tampering else "intact")
    _keep(book, patient, MOTOR)
    with book.engine.begin() as connection:
        connection.execute(text(tampering))
    if "muscle" in tampering and width_us == 300:  # as it was measured it does not hang on the nerve
        assert isinstance(_level(book, patient, width_us=width_us), Level)
        return
    with pytest.raises(BookError, match="behind the program's back"):
        _level(book, patient, width_us=width_us)


UNCOVERED = (
    "DELETE FROM thresholds WHERE amplitude_ua = 18000",
    "UPDATE thresholds SET withdrawn_at = measured_at, withdrawn_by = 'anna', withdrawn_why = 'x' WHERE amplitude_ua = 18000",
    "UPDATE thresholds SET patient_id = (SELECT max(id) FROM patients) WHERE amplitude_ua = 18000",
    "UPDATE thresholds SET kind = 'sensory' WHERE amplitude_ua = 18000",
)


@pytest.mark.parametrize("tampering", UNCOVERED)
def test_no_older_and_higher_level_counts_when_the_newest_was_taken_away_by_others(
    book: Book, patient: int, tampering: str
) -> None:
    with book.writing(THERAPIST, NOW) as session:
        add_patient(session, THERAPIST, NOW, code="P-2", birth_year=1960)
    _keep(book, patient, replace(MOTOR, amplitude_ua=60_000, measured_at=NOW - DAY), MOTOR)
    assert isinstance(_level(book, patient), Level)
    with book.engine.begin() as connection:
        assert connection.execute(text(tampering)).rowcount == 1
    with pytest.raises(BookError, match="behind the program's back: thresholds 2"):
        _level(book, patient)
