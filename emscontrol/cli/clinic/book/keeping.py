"""`emscontrol book backup`, `restore` and `upgrade`."""

from pathlib import Path
from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.clinic.book.backup import backup as back_up
from emscontrol.clinic.book.manifest import Manifest
from emscontrol.clinic.book.restore import restore as restore_from
from emscontrol.clinic.book.upgrade import upgrade as bring_up
from emscontrol.core.units import counted

_PATH = click.Path(path_type=Path, readable=False)
_BACKUPS = "backups"


@book_command
@click.argument("file", type=_PATH, required=False)
def backup(desk: Desk, file: Path | None) -> None:
    """Write a copy of the whole book into FILE, a new one in backups/ beside the book if left out. Others may go on working."""
    desk.require("book")
    now = desk.now()
    if file is None:
        folder = desk.settings.data / _BACKUPS
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / f"book-{now:%Y-%m-%dT%H-%M-%S}Z.backup"
    manifest = back_up(desk.place(), file, now)
    desk.paper.done(f"Wrote {file}: {_told(manifest)}.", _facts(manifest, file))


@book_command
@click.argument("file", type=_PATH)
@click.option("--as-it-is", is_flag=True, help="Take it even where its rows are not as its own trace says.")
@click.option("--ask-passphrase", is_flag=True, help="The backup has another passphrase than the book here: ask for it.")
def restore(desk: Desk, file: Path, as_it_is: bool, ask_passphrase: bool) -> None:
    """Make the book again from the backup in FILE, where none is. Needs no login: who could be asked is in the backup.

    A book that is there is never touched; move it away first. Nobody is logged in afterwards.
    """
    asked = click.prompt("Passphrase of the backup", hide_input=True, err=True) if ask_passphrase else None
    manifest = restore_from(file, desk.place(), desk.now(), passphrase=asked, as_it_is=as_it_is)
    desk.paper.done(f"Restored to {desk.book.where}: {_told(manifest)}.", _facts(manifest, file))


@book_command
def upgrade(desk: Desk) -> None:
    """Bring a book of an older emscontrol up to date; a backup in backups/ comes first.

    Needs no login, because nobody can be asked who he is before the book can be read.
    """
    done = bring_up(desk.place(), desk.now(), desk.settings.data / _BACKUPS)
    paper = desk.paper
    if done is None:
        paper.done("The book is up to date; nothing was changed.", {"upgraded": False})
        return
    paper.done(
        f"The book has schema {done.new} now, and had {done.old}; as it was it is in {done.backup}.",
        {"upgraded": True, "old": done.old, "new": done.new, "backup": str(done.backup)},
    )


def _told(manifest: Manifest) -> str:
    rows = sum(manifest.contents.rows.values())
    return (
        f"{counted(rows, 'row')}, {counted(manifest.contents.changes, 'change')}{', encrypted' if manifest.encrypted else ''}"
    )


def _facts(manifest: Manifest, file: Path) -> dict[str, Any]:
    return {
        "file": str(file),
        "taken_at": manifest.taken_at,
        "schema": manifest.schema,
        "encrypted": manifest.encrypted,
        "sha256": manifest.sha256,
        "rows": manifest.contents.rows,
        "changes": manifest.contents.changes,
        "audit_sha256": manifest.contents.audit_sha256,
    }
