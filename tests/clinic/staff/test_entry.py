"""Wrong PINs, the growing wait, the idle lock, and stations that guess at once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import FIRST_START, Place, open_book
from emscontrol.clinic.book.rows import withdraw
from emscontrol.clinic.staff import attempts, entry
from emscontrol.clinic.staff.attempts import wait_after
from emscontrol.clinic.staff.entry import actor_of, holder_of, log_in, log_out
from emscontrol.clinic.staff.keep import add_staff, change_role, find_staff, first_supervisor, set_secret
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.people import Attempts, Login
from emscontrol.core.errors import BookError, NotAllowed, UsageError
from tests.clinic.conftest import NOW, SUPERVISOR
from tests.clinic.staff.conftest import CHEAP, CLOCK, PIN

WAITS_S = (0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600)
"""After each failure in a row, as the rule says it: two that cost nothing, the third 30 s, then twice as long each time."""


def _try(book: Book, code: str, secret: str, now: datetime) -> str:
    try:
        log_in(book, code, secret, "room 1", now, CHEAP)
    except NotAllowed as refused:
        return str(refused)
    return "in"


def test_a_login_tells_who_is_at_work_and_the_book_does_not_hold_its_token(staffed: Book) -> None:
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    assert actor_of(staffed, token, "room 1", NOW) == Actor("anna", "therapist", "room 1")
    with staffed.reading() as session:
        assert token not in str([row.token_sha256 for row in session.scalars(select(Login))])


def test_the_wait_grows_as_the_rule_says() -> None:
    assert [wait_after(failures).total_seconds() for failures in range(1, len(WAITS_S) + 1)] == list(WAITS_S)
    assert wait_after(10**6) == timedelta(hours=1)


@pytest.mark.parametrize("code", ["anna", "nobody"])
def test_after_three_wrong_tries_nothing_is_looked_at_until_the_wait_is_over(staffed: Book, code: str) -> None:
    now = NOW
    for number, wait_s in enumerate(WAITS_S, start=1):
        assert "code or the PIN is wrong" in _try(staffed, code, "999998", now), number
        if wait_s:
            just_before = now + timedelta(seconds=wait_s, microseconds=-1)
            assert "Too many wrong tries" in _try(staffed, code, PIN, just_before)
            assert "Too many wrong tries" in _try(staffed, code, PIN, now)
        now += timedelta(seconds=wait_s)
    assert _try(staffed, "anna", PIN, now) == "in"


def test_on_a_server_no_station_shortens_a_wait_by_setting_its_clock(
    server_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "moment", CLOCK)
    book = open_book(server_place)
    with book.writing(FIRST_START, NOW) as session:
        first_supervisor(session, code="sofia", name="Sofia", secret=PIN, hasher=CHEAP)
    now = datetime.now(UTC)
    for _ in range(3):
        assert "code or the PIN is wrong" in _try(book, "sofia", "999998", now)
    for span in (timedelta(), timedelta(minutes=5), timedelta(days=2), timedelta(days=3650), timedelta(days=-3650)):
        assert "Too many wrong tries" in _try(book, "sofia", PIN, now + span)
    with book.writing(SUPERVISOR, now) as session:
        session.query(Attempts).one().locked_until = datetime.now(UTC)
    assert _try(book, "sofia", PIN, now) == "in"
    book.close()


def test_a_success_begins_the_count_anew(staffed: Book) -> None:
    for _ in range(3):
        assert "wrong" in _try(staffed, "anna", "999998", NOW)
        assert "wrong" in _try(staffed, "anna", "999998", NOW)
        assert _try(staffed, "anna", PIN, NOW) == "in"


def test_an_unknown_code_cannot_be_told_from_a_wrong_pin(staffed: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words through the whole of the lock-out, and the same work: one comparison at the same price."""
    work: list[tuple[str, ...]] = []
    real = entry.verify_secret

    def counting(kept: str, secret: str, hasher: PasswordHasher) -> bool:
        work.append(tuple(kept.split("$")[1:4]))
        return real(kept, secret, hasher)

    monkeypatch.setattr(entry, "verify_secret", counting)
    told: dict[str, list[str]] = {}
    done: dict[str, list[tuple[str, ...]]] = {}
    for code in ("anna", "nobody"):
        work.clear()
        times = [NOW, NOW, NOW, NOW, NOW + timedelta(seconds=31), NOW + timedelta(seconds=40)]
        told[code] = [_try(staffed, code, "999998", now) for now in times]
        done[code] = list(work)
    assert told["anna"] == told["nobody"]
    assert done["anna"] == done["nobody"]
    assert len(done["anna"]) == 4


def test_stations_that_guess_at_once_get_no_more_tries_than_one(staffed: Book, place: Place) -> None:
    stations = 8
    start = Barrier(stations)

    def guess(_: int) -> list[str]:
        book = open_book(place, busy_s=30)
        try:
            start.wait()
            return [_try(book, "anna", "999998", NOW) for _ in range(3)]
        finally:
            book.close()

    with ThreadPoolExecutor(stations) as pool:
        told = [each for ends in pool.map(guess, range(stations)) for each in ends]
    assert sum("code or the PIN is wrong" in each for each in told) == 3
    assert sum("Too many wrong tries" in each for each in told) == stations * 3 - 3


def test_a_wrong_try_is_counted_before_it_is_looked_at(staffed: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever pulls the plug while the PIN is compared takes no try back."""

    def plug_pulled(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(entry, "verify_secret", plug_pulled)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                log_in(staffed, "anna", "999998", "room 1", NOW, CHEAP)
    assert "Too many wrong tries" in _try(staffed, "anna", PIN, NOW)


def test_a_new_secret_by_a_supervisor_ends_the_wait(staffed: Book) -> None:
    for _ in range(4):
        _try(staffed, "anna", "999998", NOW)
    with staffed.writing(SUPERVISOR, NOW) as session:
        set_secret(session, SUPERVISOR, "anna", "905184", NOW, CHEAP)
    assert _try(staffed, "anna", "905184", NOW) == "in"


def test_a_station_whose_clock_is_ahead_locks_nobody_out_for_long(staffed: Book) -> None:
    for _ in range(4):
        _try(staffed, "anna", "999998", NOW + timedelta(days=3650))
    assert "60 min" in _try(staffed, "anna", PIN, NOW)
    assert _try(staffed, "anna", PIN, NOW + timedelta(hours=1)) == "in"


def test_codes_that_nobody_tries_any_more_are_forgotten(staffed: Book) -> None:
    for code in ("x1", "x2", "x3"):
        _try(staffed, code, PIN, NOW)
    _try(staffed, "x4", PIN, NOW + timedelta(days=1, seconds=1))
    with staffed.reading() as session:
        assert session.scalar(select(func.count(Attempts.code_sha256))) == 1


def test_what_was_typed_as_a_code_is_nowhere_in_the_book(staffed: Book) -> None:
    _try(staffed, PIN, "anna", NOW)
    with staffed.engine.connect() as connection:
        assert PIN not in str(connection.execute(text("SELECT * FROM attempts")).all())


def test_an_idle_login_is_locked_and_use_keeps_it_open(staffed: Book) -> None:
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    now = NOW
    for _ in range(4):
        now += timedelta(minutes=14, seconds=59)
        assert actor_of(staffed, token, "room 1", now).code == "anna"
    for late in (now + timedelta(minutes=15), now + timedelta(days=1), now - timedelta(hours=1)):
        with pytest.raises(NotAllowed, match="15 minutes") as refused:
            actor_of(staffed, token, "room 1", late)
        assert "Log in again" in refused.value.remedy


def test_a_token_is_good_at_its_own_station_until_it_is_handed_back(staffed: Book) -> None:
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    for wrong, station in ((token, "room 2"), (token + "x", "room 1"), ("", "room 1")):
        with pytest.raises(NotAllowed, match="not logged in here"):
            actor_of(staffed, wrong, station, NOW)
    log_out(staffed, token, "room 1", NOW)
    log_out(staffed, "never there", "room 1", NOW)
    with pytest.raises(NotAllowed, match="not logged in here"):
        actor_of(staffed, token, "room 1", NOW)


def test_a_secret_with_older_parameters_is_hashed_again_at_the_next_login(staffed: Book) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    log_in(staffed, "anna", PIN, "room 1", NOW, stronger)
    with staffed.reading() as session:
        assert "m=16,t=2,p=1" in find_staff(session, "anna").secret
        assert list(check(session)) == []
    assert log_in(staffed, "anna", PIN, "room 1", NOW, stronger)


@pytest.mark.parametrize("tampering", ["role = 'supervisor'", "secret = (SELECT secret FROM staff WHERE code = 'sofia')"])
def test_a_row_of_staff_that_was_tampered_with_opens_nothing(staffed: Book, tampering: str) -> None:
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    with staffed.engine.begin() as connection:
        connection.execute(text(f"UPDATE staff SET {tampering} WHERE code = 'anna'"))
    with pytest.raises(BookError, match="behind the program's back: staff"):
        log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    with pytest.raises(BookError, match="behind the program's back: staff"):
        actor_of(staffed, token, "room 1", NOW)


FORGED = """
INSERT INTO logins (token_sha256, staff_id, station, opened_at, last_used_at)
SELECT '{token}', {staff}, station, opened_at, last_used_at FROM logins
"""
FORGERIES = {
    "another's number": "UPDATE logins SET staff_id = (SELECT id FROM staff WHERE code = 'sofia')",
    "a row of one's own": FORGED.format(token="{token}", staff="(SELECT id FROM staff WHERE code = 'sofia')"),
    "a second token": FORGED.format(token="{token}", staff="staff_id"),
    "another station": "UPDATE logins SET station = 'office'",
    "a trace that was removed": "DELETE FROM audit WHERE entity = 'logins'",
    "a trace of before that was removed": "DELETE FROM audit WHERE entity = 'logins' AND version = 1",
    "a trace that was rewritten": "UPDATE audit SET who = 'sofia' WHERE entity = 'logins'",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_row_among_the_logins_makes_nobody_anybody(staffed: Book, forgery: str) -> None:
    log_out(staffed, log_in(staffed, "anna", PIN, "room 1", NOW - timedelta(hours=1), CHEAP), "room 1", NOW)
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    forged = "my own token" if "INSERT" in forgery else token
    with staffed.engine.begin() as connection:
        if "INSERT" in forgery:
            connection.execute(text("DELETE FROM logins WHERE closed_at IS NOT NULL"))
        connection.execute(text(forgery.format(token=hashlib.sha256(forged.encode()).hexdigest())))
    for station in ("room 1", "office"):
        with pytest.raises(NotAllowed):
            actor_of(staffed, forged, station, NOW)
    with staffed.reading() as session:
        assert bool(list(check(session))) == ("audit SET" in forgery or "version = 1" in forgery)


def test_every_login_leaves_its_trace_after_the_one_before(staffed: Book) -> None:
    for hours, code in enumerate(("anna", "sofia", "anna")):
        log_in(staffed, code, PIN, "room 1", NOW + timedelta(hours=hours), CHEAP)
    with staffed.reading() as session:
        trail = session.scalars(select(Audit).where(Audit.entity == "logins").order_by(Audit.at)).all()
        assert [(entry.who, entry.version, entry.station) for entry in trail] == [
            ("anna", 1, "room 1"),
            ("sofia", 1, "room 1"),
            ("anna", 2, "room 1"),
        ]
        assert trail[2].prev == trail[0].hash
        assert list(check(session)) == []


def test_a_login_that_was_left_open_is_nobodys_when_its_owner_is_gone(staffed: Book) -> None:
    """Also where the row of the login says that it is open, as after a change that did not end it."""
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    with staffed.writing(SUPERVISOR, NOW) as session:
        withdraw(find_staff(session, "anna"), SUPERVISOR, NOW, "moved away")
    with pytest.raises(NotAllowed, match="anna does not work here any more"):
        actor_of(staffed, token, "room 1", NOW)


FIRST_PIN = "905184"


def _specialist(book: Book) -> None:
    """Entered by the supervisor, who knows his PIN."""
    with book.writing(SUPERVISOR, NOW) as session:
        add_staff(session, SUPERVISOR, code="sven", name="Sven", role="specialist", secret=FIRST_PIN, hasher=CHEAP)


def test_with_a_pin_that_somebody_else_has_set_nothing_is_done_but_choosing_another(staffed: Book) -> None:
    _specialist(staffed)
    token = log_in(staffed, "sven", FIRST_PIN, "room 1", NOW, CHEAP)
    with pytest.raises(NotAllowed, match="Somebody else has set the PIN of sven") as refused:
        actor_of(staffed, token, "room 1", NOW)
    assert "emscontrol staff secret" in refused.value.remedy
    sven = holder_of(staffed, token, "room 1", NOW)
    with pytest.raises(UsageError, match="that you have"), staffed.writing(sven, NOW) as session:
        set_secret(session, sven, "sven", FIRST_PIN, NOW, CHEAP)
    with staffed.writing(sven, NOW) as session:
        set_secret(session, sven, "sven", "731952", NOW, CHEAP)
    token = log_in(staffed, "sven", "731952", "room 1", NOW, CHEAP)
    assert actor_of(staffed, token, "room 1", NOW).role == "specialist"
    with staffed.writing(SUPERVISOR, NOW) as session:
        change_role(session, SUPERVISOR, "sven", 2, "supervisor")
    assert actor_of(staffed, token, "room 1", NOW).role == "supervisor", "another role is no other secret"
    with staffed.writing(SUPERVISOR, NOW) as session:
        set_secret(session, SUPERVISOR, "sven", FIRST_PIN, NOW, CHEAP)
    token = log_in(staffed, "sven", FIRST_PIN, "room 1", NOW, CHEAP)
    with pytest.raises(NotAllowed, match="Somebody else has set"):
        actor_of(staffed, token, "room 1", NOW)


def test_a_pin_that_is_hashed_again_is_not_chosen_by_that(staffed: Book) -> None:
    _specialist(staffed)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    for _ in range(2):
        token = log_in(staffed, "sven", FIRST_PIN, "room 1", NOW, stronger)
        with pytest.raises(NotAllowed, match="Somebody else has set"):
            actor_of(staffed, token, "room 1", NOW)
