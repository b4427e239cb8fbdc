"""A whole practice clinic: the house first, then everybody's intake, then all weeks, each patient in a process of his own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from emscontrol.clinic.book.book import PRACTICE, Book
from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.practice.cast import Person
from emscontrol.practice.house import SUPERVISOR, furnish
from emscontrol.practice.intake import take_in
from emscontrol.practice.weeks import Weeks

NAME: Final = "Practice clinic"
ZONE: Final = "Europe/Berlin"
OLDEST: Final = timedelta(weeks=9)  # when the house was opened, before the oldest plan


def make_clinic(folder: Path, people: Sequence[Person], now: datetime, jobs: int, progress: Callable[[int, int], None]) -> Book:
    """Make a practice book in `folder` (a --home), with everything that happened in it up to `now`.

    `progress` hears how many patients of how many are ready. Raises BookError when there is a book in the folder already.
    """
    place = Place(file=folder / "book.sqlite")
    opened = now - OLDEST
    book = create_book(place, name=NAME, kind=PRACTICE, time_zone=ZONE, now=opened)
    with book.writing(SUPERVISOR, opened) as session:
        furnish(session, opened)
    plans = [(person, take_in(book, person, index, now)) for index, person in enumerate(people)]
    with_plan = [(person, plan) for person, plan in plans if plan is not None]
    book.engine.dispose()  # no connection of this process goes into the others
    play = partial(_weeks_of, place, folder, now)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = [pool.submit(play, person, plan) for person, plan in with_plan]
        for count, each in enumerate(as_completed(running), start=1):
            each.result()
            progress(count, len(with_plan))
    return book


def _weeks_of(place: Place, folder: Path, now: datetime, person: Person, plan: int) -> int:
    """One patient's weeks, in a process of its own. Returns how many appointments are over."""
    book = open_book(place)
    bodies = folder / "practice" / person.code
    bodies.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return sum(1 for _ in Weeks(book, person, plan, bodies).until(now))
    finally:
        book.close()
