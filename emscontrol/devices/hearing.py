"""Bytes that are not what was hoped for: said rarely while they come, and named in plain words when a handshake fails."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emscontrol.core.stimulator import Noise
from emscontrol.core.units import US_PER_S

NOISE_EVERY_US: Final = US_PER_S
KEPT_BYTES: Final = 512
SHOWN_BYTES: Final = 24


class NoiseReport:
    """Turns damaged frames and stray bytes into at most one `Noise` a second; what happened in between is counted in it."""

    def __init__(self) -> None:
        self._count = 0
        self._told_us: int | None = None
        self._text = ""

    def note(self, text: str) -> None:
        """Something was dropped."""
        self._count += 1
        self._text = text

    def events(self, now_us: int) -> list[Noise]:
        """The report that is due, if any."""
        if not self._count or (self._told_us is not None and now_us - self._told_us < NOISE_EVERY_US):
            return []
        more = f" ({self._count} times since the last report)" if self._count > 1 else ""
        self._told_us, self._count = now_us, 0
        return [Noise(self._text + more)]


class FirstWords:
    """The first bytes of a handshake: what was said, and what was heard. `frames` counts the whole frames in it."""

    def __init__(self) -> None:
        self._sent = b""
        self._heard = b""
        self.frames = 0

    def sent(self, data: bytes) -> None:
        """Keep what was written."""
        self._sent = (self._sent + data)[:KEPT_BYTES]

    def heard(self, data: bytes) -> None:
        """Keep what was received."""
        if len(self._heard) < KEPT_BYTES:
            self._heard = (self._heard + data)[:KEPT_BYTES]

    def verdict(self) -> str:
        """A sentence naming what seems to be on the port instead of the stimulator."""
        if not self._heard:
            return "Nothing at all was heard: check that the stimulator is on, that its cable is in, and that this is its port."
        if self.frames:
            return "Frames of its protocol were heard, but not the answer that was due: another program may be talking to it."
        if self._sent and self._sent[: len(self._heard)] in self._heard:
            return "Our own bytes came back: something on this port echoes, such as a modem or a looped cable."
        for speaker in _SPEAKERS:
            if speaker.says(self._heard):
                return f"{speaker.what} was heard instead{speaker.shown(self._heard)}: this is not the stimulator's port."
        shown = self._heard[:SHOWN_BYTES].hex(" ")
        return f"Bytes that are no frames of its protocol were heard ({shown}): a wrong speed, or another kind of device."


def quoted(data: bytes) -> str:
    """The beginning of a text as it may be shown: printable ASCII only, in quotation marks."""
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else " " for byte in data[:SHOWN_BYTES])
    return f" (“{' '.join(text.split())}”)"


def _nothing(_heard: bytes) -> str:
    return ""


def _is_text(heard: bytes) -> bool:
    readable = sum(1 for byte in heard if 0x20 <= byte < 0x7F or byte in b"\r\n\t")
    return readable >= 0.9 * len(heard)


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Something else that may be on a serial port, and how it is known."""

    what: str
    says: Callable[[bytes], object]
    shown: Callable[[bytes], str] = quoted


_SPEAKERS: Final = (
    _Speaker("A satellite receiver (NMEA text)", re.compile(rb"\$[GPB][A-Z]{2,4},").search),
    _Speaker("A modem", re.compile(rb"(?:^|[\r\n])(?:AT|OK|ERROR|RING|NO CARRIER)[\r\n]").search),
    _Speaker("Another kind of device that sends text", _is_text),
    _Speaker(
        "A ScienceMode 3 or 4 stimulator (such as a P24 or a RehaMove3)",
        re.compile(rb"\xf0\x81.\x81.\x81.\x81.", re.DOTALL).search,
        _nothing,
    ),
    _Speaker("A ScienceMode 2 stimulator (RehaStim 2)", re.compile(rb"\xf0\x81.\x81.", re.DOTALL).search, _nothing),
)
