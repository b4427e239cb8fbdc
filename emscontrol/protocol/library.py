"""The protocols that come with the program, by id."""

import sysconfig
from pathlib import Path
from typing import Final

import emscontrol
from emscontrol.core.errors import ProtocolFileError
from emscontrol.core.nearest import nearest_word
from emscontrol.protocol.load import LoadedProtocol, load_file
from emscontrol.protocol.text import quoted

_IN_THE_TREE: Final = Path(emscontrol.__file__).parent.parent / "protocols"
_INSTALLED: Final = Path(sysconfig.get_path("data")) / "share" / "emscontrol" / "protocols"


def library_folder() -> Path:
    """Where the files are: beside the package in a checkout, else where installation puts shared data."""
    return _IN_THE_TREE if _IN_THE_TREE.is_dir() else _INSTALLED


def library_ids() -> tuple[str, ...]:
    """The ids of the library, sorted; a file is named by its id."""
    return tuple(sorted(file.stem for file in library_folder().glob("*.yaml")))


def load_named(name: str) -> LoadedProtocol:
    """Load a protocol of the library. Raises ProtocolFileError when there is none of this id, or its file is wrong."""
    known = library_ids()
    if name not in known:
        near = nearest_word(name, known)
        remedy = f"The nearest is {near}." if near else f"It holds: {', '.join(known) or 'nothing'}."
        raise ProtocolFileError(f"The library ({library_folder()}) has no protocol {quoted(name)}.", remedy=remedy)
    return load_file(library_folder() / f"{name}.yaml")
