"""How many statements something takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from emscontrol.clinic.book.book import Book


@contextmanager
def counted(book: Book) -> Iterator[list[str]]:
    """Every statement that the book is asked meanwhile."""
    told: list[str] = []

    def hear(connection: object, cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(book.engine, "before_cursor_execute", hear)
    try:
        yield told
    finally:
        event.remove(book.engine, "before_cursor_execute", hear)
