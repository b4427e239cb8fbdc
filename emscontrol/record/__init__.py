"""What happened? The journal of a session, its verification, and what is made from it.

`journal` writes, `signing` signs with a key of `key_files`; `verify` and `replay` read, `reckon` counts again what was given,
`knowledge` says how each figure is known; `dose` and `refusals` tell what each channel got against its limits and what was not
given; `export` makes tables, `place` says where the files are, `schema` what a line holds.
`docs/journal.md` describes the format byte by byte.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emscontrol.record.opened import OpenJournal


def open_journal(path: Path | str, home: str = "") -> "OpenJournal":
    """A journal for a program or a notebook: verified, then read as typed values (`emscontrol.record.opened.OpenJournal`).

    `home` is where the keys of stations are kept, as with `emscontrol --home`. A journal that is not intact is opened as far as
    it stands; look at `report.ok`. Raises UsageError when it cannot be read, JournalBroken when not one record of it stands.
    """
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.opened import OpenJournal
    from emscontrol.record.reports.session_counts import as_it_stands
    from emscontrol.record.verify import verify

    place, ring = Path(path), known_keys(key_folder(home))
    return OpenJournal(place, as_it_stands(place, verify(place, ring.names(), distrusted=ring.mistrusted())))
