"""What every format offers: it takes rows session by session, and makes files in a folder."""

from collections.abc import Sequence
from typing import Protocol

from emscontrol.record.exports.tables import Row


class Sink(Protocol):
    """One export under way. `begin`, then `rows` until a session has no more, then `end`; after the last one `finish`.

    `close` comes last, whether all went well or not.
    """

    def begin(self, session: str) -> None:
        """The rows that come belong to this session."""

    def rows(self, table: str, rows: Sequence[Row]) -> None:
        """Some rows of one table, in whole numbers."""

    def end(self) -> None:
        """The session has no more rows."""

    def finish(self) -> None:
        """There are no more sessions."""

    def close(self) -> None:
        """Let go of the files."""
