"""One command at the book: the station's desk with paper to print on."""

from typing import TYPE_CHECKING

import click

from emscontrol.cli.clinic.passphrase import book_passphrase
from emscontrol.cli.clinic.printing import Paper
from emscontrol.desk.desk import AtWork, StationDesk

if TYPE_CHECKING:
    from emscontrol.clinic.book.book import Book

PRACTICE_NOTICE = "PRACTICE BOOK: nobody here is real."

__all__ = ["PRACTICE_NOTICE", "AtWork", "Desk"]


class Desk(StationDesk):
    """The desk of a command."""

    def __init__(self, home: str = "", as_json: bool = False) -> None:
        super().__init__(home, book_passphrase)
        self.as_json = as_json
        self._times_shown = False

    @property
    def book(self) -> "Book":
        """The open book; a practice book is called one on standard error. Raises BookError when there is none."""
        fresh = not self.opened
        book = super().book
        if fresh and book.about.practice:
            click.echo(PRACTICE_NOTICE, err=True)
        return book

    @property
    def paper(self) -> Paper:
        """What this command prints on; it shows times in the clinic's zone."""
        return Paper(self.as_json, self.zone, self._note_time)

    def name_zone(self) -> None:
        """Say on standard error in which zone the times are that were shown, once for all of them."""
        if self._times_shown:
            click.echo(f"Times are those of {self.zone.key}.", err=True)

    def _note_time(self) -> None:
        self._times_shown = True
