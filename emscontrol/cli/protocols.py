"""A protocol as somebody names it: a file, or one of the library by its id."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emscontrol.protocol.load import LoadedProtocol


def protocol_of(text: str) -> "LoadedProtocol":
    """A file where there is one of this name, or what can only be one; else a protocol of the library.

    Raises UsageError, ProtocolFileError.
    """
    from emscontrol.protocol.library import load_named
    from emscontrol.protocol.load import load_file

    path = Path(text)
    return load_file(path) if path.suffix or path.exists() else load_named(text)
