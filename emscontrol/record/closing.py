"""Whether the closing line of a journal can be that of its session, without reading what is between.

Whoever puts a closing line below the record of a crash hides that nobody knows how it ended, as long as only the last line is
looked at. Where the first line names a key, a closing line bears its signature.
"""

import re
from pathlib import Path
from typing import Final

from emscontrol.record.line import Link

HEAD_BYTES: Final = 512  # the key of a signed journal stands near the beginning of its first line
_NAMES_KEY: Final = re.compile(
    rb'\{"n":1,"t_us":-?[0-9]+,"wall":"[^"\\]*","event":"session_opened","format":[0-9]+,"key":"([0-9a-f]{64})"'
)


def signed_as_due(path: Path, closing: Link) -> bool:
    """Whether the closing line of the journal at `path` bears the signature that is due. Raises OSError."""
    with path.open("rb") as file:
        named = _NAMES_KEY.match(file.read(HEAD_BYTES))
    if named is None:
        return True
    from emscontrol.record.signing import fits_record

    return fits_record(named[1].decode(), closing.hash, closing.sig)
