"""One file with the whole book in it, made while others work: a ZIP of a SQLite book and its manifest.

A backup of either kind of database can be restored to either kind. It can be opened without this program: `book.sqlite` in
it is an ordinary SQLite file, or SQLCipher's where the place has a passphrase.
"""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from emscontrol.clinic.book.copying import contents_of, copy_rows, tables_of
from emscontrol.clinic.book.engine import sqlite_engine
from emscontrol.clinic.book.manifest import Contents, Manifest
from emscontrol.clinic.book.migration import migrate, to_migrate
from emscontrol.clinic.book.opening import Place, engine_of, is_there
from emscontrol.clinic.book.pages import check_pages, copy_pages, settle
from emscontrol.clinic.book.schema import check_schema, is_older, schema_of
from emscontrol.clinic.book.trouble import told_in_words
from emscontrol.clinic.book.workshop import new_file, put_in_place, sha256_of, workshop
from emscontrol.core.errors import BookError

BOOK: Final = "book.sqlite"
MANIFEST: Final = "manifest.json"


def backup(place: Place, to: Path, now: datetime) -> Manifest:
    """Make a backup at `to`, mode 0600: whole or not at all, never over an existing file. A book of an older schema too.

    Raises BookError when there is no book, when it is damaged or newer than this program, or when something is at `to`;
    BookUnreachable, StorageError, UsageError when there is no folder to put it in.
    """
    is_there(place)
    nothing_at(to)
    with workshop(to.parent) as folder:
        file = new_file(folder / BOOK)
        if place.file is not None:
            copy_pages(place.file, file, place.passphrase)
        else:
            _dump(place, file)
        check_pages(file, place.passphrase)
        schema, contents = look_into(Place(file=file, passphrase=place.passphrase))
        manifest = Manifest(
            taken_at=now,
            origin="sqlite" if place.file else "postgresql",
            schema=schema,
            encrypted=bool(place.passphrase),
            sha256=sha256_of(file),
            size_bytes=file.stat().st_size,
            contents=contents,
        )
        put_in_place(_packed(folder, file, manifest), to)
    return manifest


def look_into(place: Place) -> tuple[str, Contents]:
    """Schema and contents of a SQLite book that nobody else has open, which is one settled file afterwards."""
    engine = engine_of(place)
    try:
        with told_in_words(), engine.connect() as connection:
            found = book_schema(connection)
            contents = contents_of(connection)
    finally:
        engine.dispose()
    if place.file is not None:
        settle(place.file, place.passphrase)
    return found, contents


def book_schema(connection: Connection) -> str:
    """The schema of a book, this program's or an older one. Raises BookError for anything else."""
    found = schema_of(connection)
    if not is_older(found):
        check_schema(found)
    return found


def nothing_at(to: Path) -> None:
    """Nothing, when there is no file at `to`. Raises BookError."""
    if to.exists():
        raise BookError(f"There is something in {to} already; it was not touched.", "Choose another name.")


def _dump(place: Place, file: Path) -> None:
    """The rows of a server as they were at one moment, in a SQLite book of the same schema."""
    server = engine_of(place)
    copy = sqlite_engine(file, place.passphrase)
    try:
        with told_in_words(), server.connect() as source, to_migrate(copy) as target:
            source.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            migrate(target, to=book_schema(source))
            copy_rows(source, target, tables_of(target))
    finally:
        server.dispose()
        copy.dispose()


def _packed(folder: Path, file: Path, manifest: Manifest) -> Path:
    """An encrypted book does not grow smaller, and is only stored."""
    ready = new_file(folder / "backup.zip")
    how = zipfile.ZIP_STORED if manifest.encrypted else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(ready, "w", how, compresslevel=1) as archive:
        archive.writestr(MANIFEST, manifest.to_json())
        archive.write(file, BOOK)
    return ready
