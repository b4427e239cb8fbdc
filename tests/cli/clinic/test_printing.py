"""What is printed of the book: aligned for people, plain for programs, and nothing that steers a terminal."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from emscontrol.cli.clinic.printing import Paper
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.screening.plain import tell
from emscontrol.core.errors import BookConflict
from emscontrol.desk.wording import in_words, in_zone, worded

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
PEOPLE, PROGRAMS = Paper(False, BERLIN), Paper(True, BERLIN)


@pytest.mark.parametrize(
    ("value", "shown", "plain"),
    [
        (SUMMER, "Wed 2026-07-01 10:00", "2026-07-01T10:00:00+02:00"),
        (SUMMER - timedelta(days=181), "Thu 2026-01-01 09:00", "2026-01-01T09:00:00+01:00"),
        (date(2026, 3, 2), "2026-03-02", "2026-03-02"),
        (Decimal("22.50"), "22.5", 22.5),
        (3.0, "3", 3.0),
        (None, "–", None),
        ("", "–", ""),
        (True, "yes", True),
        ([1, None], "1, –", [1, None]),
        ([], "–", []),
        ({"a": SUMMER}, None, {"a": "2026-07-01T10:00:00+02:00"}),
    ],
)
def test_a_value_for_people_and_for_programs(
    value: object, shown: str | None, plain: object, capsys: pytest.CaptureFixture[str]
) -> None:
    if shown is not None:
        assert PEOPLE.shown(value) == shown
    PROGRAMS.facts({"value": value})
    assert json.loads(capsys.readouterr().out) == {"value": plain}


def test_columns_stand_below_each_other_also_with_wide_letters(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"code": "P-1", "name": "Ada", "more": 1}, {"code": "P-100", "name": "山田", "more": 2}]
    PEOPLE.rows("patients", rows, {"code": "CODE", "name": "NAME", "more": "MORE"}, "None.")
    assert capsys.readouterr().out.splitlines() == [
        "CODE   NAME  MORE",
        "P-1    Ada   1",
        "P-100  山田  2",
    ]


def test_an_empty_list_is_talk_for_people_and_a_fact_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    PEOPLE.rows("patients", [], {"code": "CODE"}, "There is nobody yet.")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "There is nobody yet.\n")
    PROGRAMS.rows("patients", [], {"code": "CODE"}, "There is nobody yet.")
    assert json.loads(capsys.readouterr().out) == {"patients": []}


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x9b31m", "a\rb", "\u202eabc", "line\nline", "\x7f"])
def test_nothing_steers_a_terminal(evil: str, capsys: pytest.CaptureFixture[str]) -> None:
    for paper in (PEOPLE, PROGRAMS):
        paper.rows("rows", [{"note": evil}], {"note": "NOTE"}, "")
        paper.done(f"Done: {evil}", {"note": evil})
        paper.lines([evil], {"note": evil})
    told = capsys.readouterr().out
    assert all(line.isprintable() for line in told.splitlines())
    assert len(told.splitlines()) == 7


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("good until 2026-03-02 09:03 UTC.", "good until 2026-03-02 10:03 (Europe/Berlin)."),
        ("on 2026-07-01 at 23:30 UTC", "on 2026-07-02 01:30 (Europe/Berlin)"),
        ("at 2026-03-02 09:03:07 UTC,", "at 2026-03-02 10:03:07 (Europe/Berlin),"),
        ("2026-02-30 09:03 UTC", "2026-02-30 09:03 UTC"),
        ("9999-12-31 23:59 UTC", "9999-12-31 23:59 UTC"),
        ("2026-03-02 of UTC", "2026-03-02 of UTC"),
    ],
)
def test_moments_in_utc_are_shown_in_the_clinics_zone(told: str, shown: str) -> None:
    assert in_zone(told, BERLIN) == shown


def test_a_problem_is_told_in_the_clinics_words_and_twice_is_as_once() -> None:
    rule = next(rule for rule in shipped_rules().rules if rule.id == "EPILEPSY")
    problem = BookConflict(f"Since 2026-07-01 08:00 UTC: {rule.tell}", "Wait until 2026-07-01 09:00 UTC.")
    for _ in range(2):
        assert worded(problem, BERLIN) is problem
        told = f"Since 2026-07-01 10:00 (Europe/Berlin): {tell('EPILEPSY')} Wait until 2026-07-01 11:00 (Europe/Berlin)."
        assert str(problem) == told


@pytest.mark.parametrize("rule", [rule.id for rule in shipped_rules().rules])
def test_plain_words_are_left_as_they_are(rule: str) -> None:
    assert in_words(tell(rule), BERLIN) == tell(rule)
