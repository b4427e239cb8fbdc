"""What the user set: one TOML file, read when it is needed. No setting can loosen a limit.

[book]
url = "postgresql://clinic@server/emscontrol"   left out: a SQLite file among the user's data
encrypted = true                                SQLite only: SQLCipher, the key from a passphrase
passphrase_file = "/root/book.key"              left out: the passphrase is asked for
[station]
name = "room 2"                                 left out: the computer's name

Beside it is screen.toml, which the program writes itself: how the screens look to this user.
"""

import json
import os
import socket
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emscontrol.core.errors import StorageError, UsageError

HOME_VARIABLE: Final = "EMSCONTROL_HOME"
FILE: Final = "settings.toml"
SCREEN_FILE: Final = "screen.toml"
_KNOWN: Final[dict[str, dict[str, type]]] = {
    "book": {"url": str, "encrypted": bool, "passphrase_file": str},
    "station": {"name": str},
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says, and where everything of this user lives.

    `data` is the folder of the book, `state` that of journals and of what waits to be handed in. `book_url` is "" for the
    SQLite file in `data`.
    """

    data: Path
    state: Path
    file: Path
    book_url: str = ""
    encrypted: bool = False
    passphrase_file: Path | None = None
    station: str = ""

    @property
    def book_file(self) -> Path:
        """The SQLite book."""
        return self.data / "book.sqlite"


def read_settings(home: str = "") -> Settings:
    """The settings below `home`, else $EMSCONTROL_HOME, else in the system's places. Raises UsageError with place and key."""
    chosen = home or os.environ.get(HOME_VARIABLE, "")
    if chosen:
        data = state = Path(chosen)
        file = Path(chosen) / FILE
    else:
        from platformdirs import user_config_path, user_data_path, user_state_path

        data, state = (place("emscontrol", appauthor=False) for place in (user_data_path, user_state_path))
        file = user_config_path("emscontrol", appauthor=False) / FILE
    told = _read(file)
    book, station = told.get("book", {}), told.get("station", {})
    passphrase = book.get("passphrase_file")
    return Settings(
        data=data,
        state=state,
        file=file,
        book_url=book.get("url", ""),
        encrypted=book.get("encrypted", False),
        passphrase_file=Path(passphrase) if passphrase else None,
        station=station.get("name", "") or socket.gethostname()[:40],
    )


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise UsageError(f"The settings in {file} cannot be read: {problem}.", "Mend the file, or move it away.") from problem
    for table, keys in told.items():
        if table not in _KNOWN or not isinstance(keys, dict):
            raise UsageError(f"{file}: there is no [{table}].", f"It takes {', '.join(f'[{name}]' for name in _KNOWN)}.")
        for key, value in keys.items():
            kind = _KNOWN[table].get(key)
            if kind is None:
                raise UsageError(f"{file}: [{table}] has no {key}.", f"It takes {', '.join(_KNOWN[table])}.")
            if type(value) is not kind:
                raise UsageError(f"{file}: [{table}] {key} is not of its kind.", f"Write a {kind.__name__}.")
    return told


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """How the screens look to this user. What a name stands for is known where it is shown; an unknown one is the first."""

    theme: str = "dark"
    language: str = "en"
    bell: bool = True


def screen_file(settings: Settings) -> Path:
    """Where they are kept."""
    return settings.file.with_name(SCREEN_FILE)


def read_screen(home: str = "") -> ScreenSettings:
    """What was chosen; what is missing or cannot be read is as at first, for no colour keeps anybody from working."""
    try:
        told = tomllib.loads(screen_file(read_settings(home)).read_text(encoding="utf-8"))
    except (OSError, ValueError, UsageError):
        return ScreenSettings()
    first = ScreenSettings()
    kept = {key: told[key] for key in ("theme", "language", "bell") if type(told.get(key)) is type(getattr(first, key))}
    return ScreenSettings(**kept)


def keep_screen(settings: Settings, chosen: ScreenSettings) -> None:
    """Write them, whole or not at all. Raises StorageError."""
    file = screen_file(settings)
    words = (
        "# Written by emscontrol: page F9, settings.\n"
        f"theme = {json.dumps(chosen.theme)}\nlanguage = {json.dumps(chosen.language)}\nbell = {json.dumps(chosen.bell)}\n"
    )
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.write_text(words, encoding="utf-8")
        beside.replace(file)
    except OSError as problem:
        raise StorageError(
            f"The settings of the screen cannot be kept in {file}: {problem.strerror or problem}.",
            "Mend the rights of the folder; until then they hold while the program is open.",
        ) from problem
