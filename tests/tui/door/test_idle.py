"""When a screen that was left alone is covered, and when the book is told that its login is in use."""

from datetime import UTC, datetime, timedelta

import pytest

from emscontrol.tui.idle import Follows, IdleWatch

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOCK = timedelta(minutes=15)


class Hands:
    """A watch, and a clock to turn."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.watch = IdleWatch(lambda: self.now)
        self.watch.logged_in(LOCK)

    def after(self, touched: bool = False, session: bool = False, **span: float) -> Follows:
        self.now += timedelta(**span)
        if touched:
            self.watch.touch()
        return self.watch.look(session)


def test_nothing_follows_while_nobody_is_logged_in() -> None:
    hands = Hands()
    hands.watch.lock_after = None
    assert hands.after(hours=5) is Follows.NOTHING
    hands.watch.logged_in(LOCK)
    assert hands.after(minutes=14) is Follows.NOTHING


def test_it_locks_after_the_books_time_and_not_before() -> None:
    hands = Hands()
    assert hands.after(minutes=14, seconds=59) is Follows.NOTHING
    assert hands.after(seconds=1) is Follows.LOCK


def test_a_key_puts_it_off_and_renews_the_login_at_most_once_a_minute() -> None:
    hands = Hands()
    assert hands.after(touched=True, seconds=30) is Follows.NOTHING
    assert hands.after(touched=True, seconds=40) is Follows.RENEW
    assert hands.after(touched=True, seconds=40) is Follows.NOTHING
    assert hands.after(minutes=14) is Follows.NOTHING
    assert hands.after(minutes=1) is Follows.LOCK


def test_a_key_that_comes_too_late_does_not_uncover() -> None:
    """The computer slept: the first thing that is heard of it is the key of whoever came by."""
    assert Hands().after(touched=True, hours=3) is Follows.LOCK


def test_a_session_is_use_however_long_nobody_touches_anything() -> None:
    hands = Hands()
    renewed = [hands.after(session=True, minutes=1) for _ in range(40)]
    assert set(renewed) == {Follows.RENEW}
    assert hands.after(minutes=14) is Follows.NOTHING
    assert hands.after(minutes=1) is Follows.LOCK


@pytest.mark.parametrize("hours", [-1, -24])
def test_a_clock_that_is_turned_back_locks(hours: int) -> None:
    assert Hands().after(hours=hours) is Follows.LOCK
