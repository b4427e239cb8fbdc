"""What every format offers: it takes rows session by session, and makes files in a folder."""

from typing import Protocol

from emscontrol.record.exports.tables import Row


class Sink(Protocol):
    """One export under way. `begin`, then `row` for each row of a session, then `end`; after the last one `finish`.

    `close` comes last, whether all went well or not.
    """

    def begin(self, session: str) -> None:
        """The rows that come belong to this session."""

    def row(self, table: str, row: Row) -> None:
        """One row, in whole numbers."""

    def end(self) -> None:
        """The session has no more rows."""

    def finish(self) -> None:
        """There are no more sessions."""

    def close(self) -> None:
        """Let go of the files."""
