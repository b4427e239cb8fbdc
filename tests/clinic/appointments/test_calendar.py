"""iCalendar, read back with two libraries that did not write it: icalendar's reader and dateutil's zones."""

import io
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.calendar import calendar_of
from emscontrol.clinic.appointments.changing import cancel, mark_missed, move
from emscontrol.clinic.appointments.subscription import write_subscription
from emscontrol.clinic.book.book import About, Book
from emscontrol.clinic.tables.people import PatientName
from emscontrol.core.errors import StorageError, UsageError
from tests.clinic.appointments.material import at, people, plan
from tests.clinic.conftest import NOW, THERAPIST

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Jakarta", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def clinic(book: Book) -> Book:
    """Four appointments around the change to summer time, one of them of another patient."""
    with book.writing(THERAPIST, NOW) as session:
        people(session)
        plan(session, 1)
        plan(session, 2, therapist="bert", stimulator="")
        session.add(PatientName(patient_id=1, given="Hildegard", family="Musterfrau", contact="030 1234"))
        for day in ("2026-03-27", "2026-03-29", "2026-03-31"):
            book_one(session, 1, at(f"{day} 10:00"), NOW, book.about, plan_id=1)
        book_one(session, 2, at("2026-03-27 10:00"), NOW, book.about, plan_id=2)
    return book


def _events(content: bytes) -> dict[str, object]:
    return {str(event["UID"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


def test_every_appointment_is_an_event_at_its_time_of_the_clinics_clock(clinic: Book) -> None:
    with clinic.reading() as session:
        content = calendar_of(session, clinic.about, patient="P-1")
    events = list(_events(content).values())
    assert [event.decoded("DTSTART").isoformat() for event in events] == [  # type: ignore[attr-defined]
        "2026-03-27T10:00:00+01:00",
        "2026-03-29T10:00:00+02:00",
        "2026-03-31T10:00:00+02:00",
    ]
    first = events[0]
    assert first["DTSTART"].params["TZID"] == "Europe/Berlin"  # type: ignore[index]
    assert first["SUMMARY"] == "P-1, session 1 of 18"  # type: ignore[index]
    assert first["DESCRIPTION"] == "anna, S-1"  # type: ignore[index]
    assert (first["STATUS"], first["SEQUENCE"]) == ("CONFIRMED", 0)  # type: ignore[index]
    assert first.decoded("DTEND") - first.decoded("DTSTART") == timedelta(minutes=45)  # type: ignore[attr-defined]
    assert first.decoded("DTSTAMP") == NOW  # type: ignore[attr-defined]


def test_a_practice_book_says_so_in_the_name_and_in_every_event(clinic: Book) -> None:
    with clinic.reading() as session:
        real = Calendar.from_ical(calendar_of(session, clinic.about))
        made = Calendar.from_ical(calendar_of(session, replace(clinic.about, kind="practice")))
    assert made["X-WR-CALNAME"] == f"PRACTICE {real['X-WR-CALNAME']}"
    summaries = [str(event["SUMMARY"]) for event in real.walk("VEVENT")]
    assert [str(event["SUMMARY"]) for event in made.walk("VEVENT")] == [f"PRACTICE {summary}" for summary in summaries]
    assert not any("PRACTICE" in text for text in (str(real["X-WR-CALNAME"]), *summaries))


def test_no_name_of_a_person_is_in_it(clinic: Book) -> None:
    with clinic.reading() as session:
        content = calendar_of(session, clinic.about)
    for word in (b"Hildegard", b"Musterfrau", b"1234", b"stairs"):
        assert word not in content


def test_one_of_a_therapist_and_one_of_all_have_what_they_should(clinic: Book) -> None:
    with clinic.reading() as session:
        assert len(_events(calendar_of(session, clinic.about))) == 4
        assert len(_events(calendar_of(session, clinic.about, therapist="bert"))) == 1
        assert len(_events(calendar_of(session, clinic.about, since=at("2026-03-29 00:00")))) == 2
        assert _events(calendar_of(session, clinic.about, patient="P-3")) == {}
        with pytest.raises(UsageError, match="no patient 'P-9'"):
            calendar_of(session, clinic.about, patient="P-9")


def test_the_same_rows_make_the_same_bytes_and_a_change_counts_up_under_the_same_uid(clinic: Book) -> None:
    with clinic.reading() as session:
        before = calendar_of(session, clinic.about)
    with clinic.reading() as session:
        assert calendar_of(session, clinic.about) == before
    with clinic.writing(THERAPIST, LATER) as session:
        move(session, 1, at("2026-03-27 09:00"), "a secret reason", NOW, clinic.about)
        cancel(session, 2, "another one")
        mark_missed(session, 4, "did not come", at("2026-03-27 11:00"))
    with clinic.reading() as session:
        after = calendar_of(session, clinic.about)
    assert b"reason" not in after
    old, new = _events(before), _events(after)
    assert set(old) == set(new)
    rows = {
        uid.split("@")[0]: (
            event["SEQUENCE"],
            event["STATUS"],
            event["CATEGORIES"].to_ical().decode(),
            event.decoded("DTSTAMP"),
        )  # type: ignore[index,attr-defined]
        for uid, event in new.items()
    }
    assert rows == {
        "appointment-1": (1, "CONFIRMED", "booked", LATER),
        "appointment-2": (1, "CANCELLED", "cancelled", LATER),
        "appointment-3": (1, "CONFIRMED", "booked", LATER),  # it is session 2 now
        "appointment-4": (1, "CONFIRMED", "missed", LATER),
    }


def test_the_zone_in_the_file_is_the_zone_itself_at_every_half_hour_of_its_year(clinic: Book) -> None:
    for zone in ZONES:
        with clinic.reading() as session:
            content = calendar_of(session, About(clinic.about.uuid, "clinic", "x", zone, 15, 7))
        read = tzical(io.StringIO(content.decode())).get(zone)
        hour, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        while hour < end:
            wall = hour.astimezone(ZoneInfo(zone))
            if not wall.fold and wall.year == 2026:
                assert wall.replace(tzinfo=read).utcoffset() == wall.utcoffset(), wall
            hour += timedelta(minutes=30)


def test_a_change_of_the_zone_is_told_by_the_clock_before_it(clinic: Book) -> None:
    with clinic.reading() as session:
        content = calendar_of(session, clinic.about).decode().replace("\r\n", "\n")
    summer = content[content.index("BEGIN:DAYLIGHT") : content.index("END:DAYLIGHT")]
    assert "DTSTART:20260329T020000" in summer  # RFC 5545, 3.6.5: in the offset of TZOFFSETFROM
    assert "TZOFFSETFROM:+0100" in summer
    assert "DTSTART:20261025T030000\nTZNAME:CET\nTZOFFSETFROM:+0200" in content


def test_a_time_that_comes_twice_is_told_in_utc_the_second_time(clinic: Book) -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with clinic.writing(THERAPIST, NOW) as session:
        made = book_one(session, 3, second, NOW, clinic.about, minutes=30).id
    with clinic.reading() as session:
        event = _events(calendar_of(session, clinic.about))[f"appointment-{made}@{clinic.about.uuid}"]
    assert event.decoded("DTSTART") == second  # type: ignore[attr-defined]
    assert event["DTSTART"].to_ical() == b"20261025T013000Z"  # type: ignore[index]


def test_the_subscription_is_whole_private_and_left_alone_when_nothing_changed(tmp_path: Path) -> None:
    file = tmp_path / "anna.ics"
    assert write_subscription(file, b"one")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.stat().st_ino
    assert not write_subscription(file, b"one")
    assert file.stat().st_ino == before
    assert write_subscription(file, b"two")
    assert file.read_bytes() == b"two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["anna.ics"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_subscription(tmp_path / "nowhere" / "anna.ics", b"one")
    (tmp_path / "folder.ics").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        write_subscription(tmp_path / "folder.ics", b"one")
    assert [each.name for each in tmp_path.iterdir()] == ["folder.ics"]
