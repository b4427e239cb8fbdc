"""Take all pictures anew: `make pictures`."""

import os
import tempfile
from pathlib import Path

from tests.tui.snapshots.stills import FOLDER, KINDS, file_of, take_all


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for size, colour in KINDS:
        if not colour:
            os.environ["NO_COLOR"] = "1"
        for name, picture in take_all(Path(tempfile.mkdtemp()) / "h", size, colour).items():
            file_of(name, size, colour).write_text(picture, "utf-8")


if __name__ == "__main__":
    main()
