"""What a database's own error codes mean to the person who meets them: a table for each way in which a database tells."""

from typing import Final, NamedTuple

from emscontrol.core.errors import BookBusy, BookError, BookUnreachable, EmsError, StorageError


class Sign(NamedTuple):
    """One kind of trouble: the error it becomes, what to say, and what to do. `{0}` stands for the database's own words."""

    kind: type[EmsError]
    what: str
    remedy: str


BUSY: Final = Sign(BookBusy, "Another program is writing in the book right now. Nothing was changed.", "Try again in a moment.")
FULL: Final = Sign(
    StorageError,
    "The disk is full or failing. Nothing of this change was kept; what was there before is.",
    "Free some room on it, and try again.",
)
READ_ONLY: Final = Sign(
    StorageError, "The book cannot be written: it is read-only.", "Mend its rights, or the file system it lies on."
)
NOT_OPENED: Final = Sign(
    StorageError,
    "The file of the book, or a file that belongs beside it, cannot be opened.",
    "Mend the rights of the file and of its folder: both must be yours to write.",
)
NO_BOOK: Final = Sign(
    BookError,
    "The file is no book that can be read: it is encrypted with another passphrase, or damaged.",
    "Check the passphrase; if it is right, restore a backup: emscontrol book restore.",
)
DAMAGED: Final = Sign(
    BookError,
    "The file of the book is damaged.",
    "Leave it as it is, and restore the newest backup to another place: emscontrol book restore.",
)
SHAPE: Final = Sign(
    BookError,
    "The book is not of the shape that its schema number says: {0}.",
    "Restore a backup: emscontrol book restore.",
)
NO_RIGHTS: Final = Sign(
    BookError, "The server does not let this user do that in the book: {0}.", "Give the user of the URL the rights to it."
)
NO_ENTRY: Final = Sign(
    BookError,
    "The server of the book does not accept this user or password.",
    "Mend the URL in the settings, or the server's own list of users.",
)
NO_DATABASE: Final = Sign(
    BookError, "The server has no such database: {0}.", "Mend the URL in the settings, or have the database made (createdb)."
)
CROWDED: Final = Sign(
    BookUnreachable,
    "The server of the book has no connection left for this station.",
    "Try again in a moment; if it stays so, raise max_connections on the server.",
)
GONE: Final = Sign(
    BookUnreachable,
    "The book cannot be reached: {0}.",
    "Look at network and server. Today's agenda goes on without it: emscontrol agenda --offline.",
)

SQLITE: Final[dict[int, Sign]] = {
    3: READ_ONLY,  # SQLITE_PERM
    5: BUSY,
    6: BUSY,  # SQLITE_LOCKED
    8: READ_ONLY,
    10: FULL,  # SQLITE_IOERR
    11: DAMAGED,  # SQLITE_CORRUPT
    13: FULL,
    14: NOT_OPENED,  # SQLITE_CANTOPEN
    15: BUSY,  # SQLITE_PROTOCOL: the lock of a WAL was not to be had
    26: NO_BOOK,  # SQLITE_NOTADB
}
"""By primary result code (https://sqlite.org/rescode.html): the lower eight bits of the extended one."""

SQLITE_SHAPE: Final = ("no such table", "no such column", "has no column")
"""SQLite has no code of its own for these: they come as SQLITE_ERROR."""

SERVER: Final[dict[str, Sign]] = {
    "08": GONE,  # connection exceptions
    "25006": READ_ONLY,  # a standby server
    "28": NO_ENTRY,
    "3D000": NO_DATABASE,
    "40": BUSY,  # deadlock, serialization: rolled back whole
    "42501": NO_RIGHTS,
    "42703": SHAPE,
    "42P01": SHAPE,
    "53100": FULL,
    "53300": CROWDED,
    "55P03": BUSY,  # lock_timeout
    "57": GONE,  # shut down, starting, connection ended by an administrator
    "58": FULL,  # input or output failed
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
"""By SQLSTATE, or by its class of two characters (PostgreSQL's manual, appendix A)."""

CONNECTING: Final[tuple[tuple[str, Sign], ...]] = (
    ("password authentication failed", NO_ENTRY),
    ("no password supplied", NO_ENTRY),
    ("no pg_hba.conf entry", NO_ENTRY),
    ("too many", CROWDED),  # clients, or connections of this user or database
    ("remaining connection slots", CROWDED),
    ("does not exist", NO_DATABASE),  # a database or a user
)
"""While connecting there is no SQLSTATE, only words; a server that speaks another language is told as out of reach."""
