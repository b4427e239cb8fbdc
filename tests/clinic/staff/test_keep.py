"""Who works here, and that there always is a supervisor."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import FIRST_START, Place, open_book
from emscontrol.clinic.staff.entry import actor_of, log_in
from emscontrol.clinic.staff.keep import (
    add_staff,
    change_role,
    find_staff,
    first_supervisor,
    list_staff,
    set_secret,
    withdraw_staff,
)
from emscontrol.clinic.tables.people import Staff
from emscontrol.core.errors import BookConflict, EmsError, NotAllowed, UsageError
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST
from tests.clinic.staff.conftest import CHEAP, PIN


def test_the_first_start_makes_one_supervisor_and_no_second(staffed: Book) -> None:
    with pytest.raises(NotAllowed, match="has staff already"), staffed.writing(FIRST_START, NOW) as session:
        first_supervisor(session, code="eve", name="Eve", secret=PIN, hasher=CHEAP)
    with staffed.reading() as session:
        assert [(row.code, row.role) for row in list_staff(session)] == [("anna", "therapist"), ("sofia", "supervisor")]
        assert list(check(session)) == []


def test_of_two_first_starts_at_once_one_is_refused(book: Book, place: Place) -> None:
    def second() -> str:
        other = open_book(place)
        try:
            with other.writing(FIRST_START, NOW) as session:
                first_supervisor(session, code="eve", name="Eve", secret=PIN, hasher=CHEAP)
            return "made"
        except NotAllowed:
            return "refused"
        finally:
            other.close()

    with ThreadPoolExecutor(1) as pool:
        with book.writing(FIRST_START, NOW) as session:
            first_supervisor(session, code="sofia", name="Sofia", secret=PIN, hasher=CHEAP)
            late = pool.submit(second)
            wait([late], timeout=0.5)  # it has to wait for us; without its lock it would be through by now
        assert late.result() == "refused"


CHANGES: dict[str, Callable[[Session], object]] = {
    "add": lambda session: add_staff(session, THERAPIST, code="e", name="E", role="reader", secret=PIN, hasher=CHEAP),
    "role": lambda session: change_role(session, THERAPIST, "anna", 1, "supervisor"),
    "secret": lambda session: set_secret(session, THERAPIST, "sofia", PIN, NOW, CHEAP),
    "withdraw": lambda session: withdraw_staff(session, THERAPIST, NOW, "sofia", 1, "no reason"),
}


def test_only_a_supervisor_keeps_staff(staffed: Book) -> None:
    for change in CHANGES.values():
        with pytest.raises(NotAllowed, match="may not enter and change staff"), staffed.writing(THERAPIST, NOW) as session:
            change(session)


def test_the_last_supervisor_can_neither_be_withdrawn_nor_demoted(staffed: Book) -> None:
    with pytest.raises(UsageError, match="last supervisor"), staffed.writing(SUPERVISOR, NOW) as session:
        withdraw_staff(session, SUPERVISOR, NOW, "sofia", 1, "retired")
    with pytest.raises(UsageError, match="last supervisor"), staffed.writing(SUPERVISOR, NOW) as session:
        change_role(session, SUPERVISOR, "sofia", 1, "reader")
    with staffed.writing(SUPERVISOR, NOW) as session:
        change_role(session, SUPERVISOR, "anna", 1, "supervisor")
        withdraw_staff(session, SUPERVISOR, NOW, "sofia", 1, "retired")
    with staffed.reading() as session:
        assert [row.code for row in list_staff(session)] == ["anna"]
        assert [row.code for row in list_staff(session, withdrawn=True)] == ["anna", "sofia"]
        with pytest.raises(UsageError, match="does not work here any more"):
            find_staff(session, "sofia")


def test_two_supervisors_who_withdraw_each_other_at_once_leave_one(staffed: Book, place: Place) -> None:
    with staffed.writing(SUPERVISOR, NOW) as session:
        change_role(session, SUPERVISOR, "anna", 1, "supervisor")
    start = Barrier(2)

    def leave(code: str, version: int) -> None:
        book = open_book(place)
        try:
            start.wait()
            with book.writing(SUPERVISOR, NOW) as session:
                withdraw_staff(session, SUPERVISOR, NOW, code, version, "a quarrel")
        finally:
            book.close()

    with ThreadPoolExecutor(2) as pool:
        ends = [done.exception() for done in [pool.submit(leave, "anna", 2), pool.submit(leave, "sofia", 1)]]
    assert sum(isinstance(end, EmsError) for end in ends) == 1
    with staffed.reading() as session:
        left = select(func.count(Staff.id)).where(Staff.withdrawn_at.is_(None), Staff.role == "supervisor")
        assert session.scalar(left) == 1


def test_a_code_that_differs_in_capitals_only_is_taken(staffed: Book) -> None:
    with pytest.raises(UsageError, match="anna is taken"), staffed.writing(SUPERVISOR, NOW) as session:
        add_staff(session, SUPERVISOR, code="Anna", name="Another", role="reader", secret=PIN, hasher=CHEAP)


WRONG = [
    ({"code": "-anna"}, "no code"),
    ({"code": "a" * 41}, "no code"),
    ({"code": "a b"}, "no code"),
    ({"code": "First-Start"}, "program's own"),
    ({"code": "login"}, "program's own"),
    ({"role": "owner"}, "no role 'owner'"),
    ({"secret": "123456"}, "first that anybody would try"),
    ({"name": " "}, "name is missing"),
    ({"name": "A\x1b[2Jnna"}, "no plain line"),
]


def test_what_makes_no_sense_is_refused(staffed: Book) -> None:
    for wrong, told in WRONG:
        given = {"code": "eve", "name": "Eve", "role": "reader", "secret": PIN} | wrong
        with pytest.raises(UsageError, match=told), staffed.writing(SUPERVISOR, NOW) as session:
            add_staff(session, SUPERVISOR, hasher=CHEAP, **given)


def test_a_change_of_what_somebody_else_changed_is_a_conflict(staffed: Book) -> None:
    with staffed.writing(SUPERVISOR, NOW) as session:
        change_role(session, SUPERVISOR, "anna", 1, "specialist", "speech-language therapist")
    with pytest.raises(BookConflict, match="sofia changed it"), staffed.writing(SUPERVISOR, NOW) as session:
        change_role(session, SUPERVISOR, "anna", 1, "reader")


def test_a_new_secret_ends_every_login_of_its_owner(staffed: Book) -> None:
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    with staffed.writing(THERAPIST, NOW) as session:
        set_secret(session, THERAPIST, "anna", "905184", NOW, CHEAP)
    with pytest.raises(NotAllowed, match="not logged in"):
        actor_of(staffed, token, "room 1", NOW)
    with pytest.raises(NotAllowed, match="wrong"):
        log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    assert log_in(staffed, "anna", "905184", "room 1", NOW, CHEAP)


def test_a_role_holds_at_once_and_a_withdrawal_too(staffed: Book) -> None:
    token = log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
    with staffed.writing(SUPERVISOR, NOW) as session:
        change_role(session, SUPERVISOR, "anna", 1, "reader")
    assert actor_of(staffed, token, "room 1", NOW).role == "reader"
    with staffed.writing(SUPERVISOR, NOW) as session:
        withdraw_staff(session, SUPERVISOR, NOW, "anna", 2, "moved away")
    with pytest.raises(NotAllowed):
        actor_of(staffed, token, "room 1", NOW)
    with pytest.raises(NotAllowed, match="code or the PIN is wrong"):
        log_in(staffed, "anna", PIN, "room 1", NOW, CHEAP)
