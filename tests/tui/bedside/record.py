"""Record the journey anew: `make journey`."""

import tempfile
from pathlib import Path

from tests.tui.bedside.recording import write
from tests.tui.bedside.test_journey import journey


def main() -> None:
    """Go through it, and write the page."""
    print(write(journey(Path(tempfile.mkdtemp()))))


if __name__ == "__main__":
    main()
