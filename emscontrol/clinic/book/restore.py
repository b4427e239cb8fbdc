"""A backup becomes a book again: unpacked beside its place, looked at from all sides, and only then put there."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, update
from sqlalchemy.orm import Session

from emscontrol.clinic.book.backup import BOOK, MANIFEST, look_into
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.copying import contents_of, copy_rows, tables_of
from emscontrol.clinic.book.manifest import Manifest
from emscontrol.clinic.book.migration import migrate, to_migrate
from emscontrol.clinic.book.opening import Place, engine_of, nothing_there
from emscontrol.clinic.book.pages import check_pages, settle
from emscontrol.clinic.book.schema import SCHEMA, schema_of
from emscontrol.clinic.book.trouble import told_in_words
from emscontrol.clinic.book.workshop import new_file, put_in_place, sha256_of, workshop
from emscontrol.clinic.tables.facts import Hold
from emscontrol.clinic.tables.people import Login
from emscontrol.core.errors import BookError, StorageError, UsageError

_CHUNK: Final = 1 << 20
_FINDINGS: Final = 3  # so many are told


def restore(backup: Path, to: Place, now: datetime, *, passphrase: str | None = None, as_it_is: bool = False) -> Manifest:
    """Make the book in `backup` again at `to`, where none may be: all of it or nothing. An older schema is brought up to date.

    `passphrase` is that of an encrypted backup, where it is not that of `to`. `as_it_is` takes a book whose rows are not as
    its audit says. Nobody is logged in and no stimulator is held in it afterwards.
    Raises BookError for what is damaged, foreign, newer, changed behind the program's back, or not empty; UsageError,
    StorageError, BookUnreachable.
    """
    if to.file is not None:
        nothing_there(to.file)
        to.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with workshop(to.file.parent if to.file else Path(tempfile.gettempdir())) as folder:
        manifest = _unpacked(backup, new_file(folder / BOOK))
        own = passphrase if passphrase is not None else to.passphrase
        if manifest.encrypted and not own:
            raise BookError("This backup is encrypted.", "Give the passphrase that it was made with.")
        source = Place(file=folder / BOOK, passphrase=own if manifest.encrypted else "")
        _is_sound(source, manifest)
        _made_ready(source, now, as_it_is)
        if to.file is None:
            _into(to, source)
        elif to.passphrase == source.passphrase:
            _put(source, to.file)
        else:
            other = Place(file=new_file(folder / "other.sqlite"), passphrase=to.passphrase)
            _into(other, source)
            _put(other, to.file)
    return manifest


def _unpacked(backup: Path, file: Path) -> Manifest:
    """The book of a backup, byte by byte as it was when it was made."""
    broken = BookError(f"{backup} is damaged: it is not what it was when it was made.", "Take an older backup.")
    try:
        with zipfile.ZipFile(backup) as archive:
            manifest = Manifest.from_json(archive.read(MANIFEST).decode())
            with archive.open(BOOK) as packed, file.open("wb") as stream:
                while some := packed.read(_CHUNK):
                    stream.write(some)
    except FileNotFoundError as problem:
        raise UsageError(f"There is no file {backup}.", "Name a file that emscontrol book backup made.") from problem
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as problem:
        if _begins_as_archive(backup):
            raise broken from problem
        raise BookError(f"{backup} is no backup of a book.", "Name a file that emscontrol book backup made.") from problem
    except KeyError as problem:
        raise BookError(
            f"{backup} is an archive of something else.", "Name a file that emscontrol book backup made."
        ) from problem
    except OSError as problem:
        raise StorageError(
            f"{backup} cannot be unpacked: {problem.strerror}.", "Mend its rights, or free some room."
        ) from problem
    if file.stat().st_size != manifest.size_bytes or sha256_of(file) != manifest.sha256:
        raise broken
    return manifest


def _begins_as_archive(backup: Path) -> bool:
    with backup.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def _is_sound(source: Place, manifest: Manifest) -> None:
    """Its pages, its schema, and what the manifest says is in it."""
    if source.file is not None:
        check_pages(source.file, source.passphrase)
    schema, contents = look_into(source)
    if schema != manifest.schema or contents != manifest.contents:
        raise BookError("The book in this backup is not the one that its manifest tells of.", "Take another backup.")


@contextmanager
def _changing(place: Place) -> Iterator[Connection]:
    engine = engine_of(place)
    try:
        with told_in_words(), to_migrate(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _made_ready(source: Place, now: datetime, as_it_is: bool) -> None:
    """Brought up to date, held against its own audit, and nobody in it."""
    with _changing(source) as connection:
        if schema_of(connection) != SCHEMA:
            migrate(connection)
        if not as_it_is:
            _is_trusted(connection)
        connection.execute(delete(Hold))
        connection.execute(update(Login).where(Login.closed_at.is_(None)).values(closed_at=now))


def _is_trusted(connection: Connection) -> None:
    with Session(connection) as session:
        findings = list(check(session))
    if findings:
        more = f" and {len(findings) - _FINDINGS} more" if len(findings) > _FINDINGS else ""
        raise BookError(
            f"The book in this backup was changed behind the program's back: {'; '.join(findings[:_FINDINGS])}{more}.",
            "Take an older backup, or restore this one as it is: emscontrol book restore --as-it-is.",
        )


def _into(to: Place, source: Place) -> None:
    """Row by row into an empty database, in one transaction, and held against the source before that ends."""
    origin = engine_of(source)
    try:
        with _changing(to) as target, told_in_words(), origin.connect() as rows:
            if schema_of(target):
                raise BookError(f"There is a book in {to.words} already; it was not touched.", "Choose another place.")
            migrate(target)
            copy_rows(rows, target, tables_of(rows))
            if contents_of(target) != contents_of(rows):
                raise BookError("Not every row has arrived; nothing was kept.", "Please report this.")
    finally:
        origin.dispose()


def _put(ready: Place, file: Path) -> None:
    """An empty file that was kept there for a book gives way."""
    if ready.file is None:
        return
    settle(ready.file, ready.passphrase)
    if file.exists() and file.stat().st_size == 0:
        file.unlink()
    put_in_place(ready.file, file)
