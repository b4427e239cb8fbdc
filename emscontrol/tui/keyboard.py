"""Bytes of a keyboard: which of them mean STOP, and what is left of keys that arrive faster than a person types.

Terminals spell the same key in several ways: one byte or an escape sequence (xterm), `CSI code ; modifiers u` (kitty), or
`CSI 27 ; modifiers ; code ~` (xterm's modifyOtherKeys). `STOP_KEYS` has all of them. A false STOP is harmless, a missed one is
not, so whatever is doubtful counts as STOP.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ESC: Final = 0x1B
ESC_ALONE_S: Final = 0.1  # an escape byte that nothing follows for so long is the Esc key; the screen library waits as long
SEQUENCE_MAX: Final = 64  # bytes; longer ones are no key
CTRL_BIT: Final = 4  # of the modifiers, after taking 1 off
BURST_KEYS: Final = 4  # so many characters in one read were not typed one by one


@dataclass(frozen=True, slots=True)
class StopKey:
    """A key that means STOP. `name` is the screen library's, `words` what people read."""

    name: str
    words: str
    byte: int | None = None  # the one byte that terminals without escape sequences send
    code: int | None = None  # in CSI-u sequences
    needs_ctrl: bool = False  # the code counts only with Ctrl held


STOP_KEYS: Final = (
    StopKey("f12", "F12"),
    StopKey("space", "Space", byte=0x20, code=32),
    StopKey("escape", "Esc", code=27),
    StopKey("ctrl+c", "Ctrl+C", byte=0x03, code=99, needs_ctrl=True),
    StopKey("ctrl+q", "Ctrl+Q", byte=0x11, code=113, needs_ctrl=True),
    StopKey("ctrl+z", "Ctrl+Z", byte=0x1A, code=122, needs_ctrl=True),
)
F12_NUMBER: Final = 24  # CSI 24 ~, with or without modifiers; rxvt ends it with ^ $ @
_BY_BYTE: Final[Mapping[int, str]] = {key.byte: key.words for key in STOP_KEYS if key.byte is not None}
_BY_CODE: Final = {key.code: key for key in STOP_KEYS if key.code is not None}

LATIN_END: Final = 0x24F  # the last letter of the Latin blocks; keyboards of other scripts name their own letters

_FIGURE: Final = re.compile(rb"[0-9]{1,6}")


class StopScanner:
    """Finds STOP in raw bytes, across the borders of reads. `hanging` while a lone escape byte may still become the Esc key."""

    def __init__(self) -> None:
        self._sequence = bytearray()

    @property
    def hanging(self) -> bool:
        """True when the last byte so far was an escape."""
        return self._sequence == b"\x1b"

    def feed(self, data: bytes) -> str | None:
        """The words of the first STOP key in these bytes, or None. All of them are taken in."""
        found: str | None = None
        position = 0
        while position < len(data):
            key = self._take(data[position])
            found = found or key
            position += 1
            if self._is_old_mouse_report():
                position = min(len(data), position + 3)  # three bytes of any value follow; a space among them is no key
                self._sequence.clear()
        return found

    def nothing_followed(self) -> str | None:
        """To be called when `hanging` has lasted `ESC_ALONE_S`: then it was the Esc key."""
        if not self.hanging:
            return None
        self._sequence.clear()
        return "Esc"

    def _take(self, byte: int) -> str | None:
        if byte in _BY_BYTE:
            self._sequence.clear()
            return _BY_BYTE[byte]
        if byte == ESC:
            twice = self.hanging
            self._sequence[:] = b"\x1b"
            return "Esc" if twice else None
        if not self._sequence:
            return None
        self._sequence.append(byte)
        return self._judge_sequence(byte)

    def _judge_sequence(self, last: int) -> str | None:
        sequence = self._sequence
        if len(sequence) == 2 and last in b"[O":
            return None
        in_csi = sequence[1] == ord("[")
        if in_csi and last < 0x40 and len(sequence) < SEQUENCE_MAX:
            return None
        if in_csi and last == ord("M") and len(sequence) == 3:
            return None
        key = _meaning(bytes(sequence[2:])) if in_csi else None
        self._sequence.clear()
        return key

    def _is_old_mouse_report(self) -> bool:
        return self._sequence == b"\x1b[M"


def _meaning(parameters: bytes) -> str | None:
    """The STOP key that the rest of a CSI sequence spells, or None."""
    final = parameters[-1:]
    fields = parameters[:-1].split(b";")
    figures = [_figure(field) for field in fields]
    if final in (b"~", b"^", b"$", b"@") and figures[0] == F12_NUMBER:
        return "F12"
    if final == b"u":
        spellings = fields[0].split(b":")  # the letter, with Shift, and what a Latin keyboard has on this key, if that is told
        latin = _figure(spellings[2]) if len(spellings) > 2 else 0
        return _coded(figures[0], figures[1] if len(figures) > 1 else 1, latin)
    if final == b"~" and figures[0] == 27 and len(figures) == 3:
        return _coded(figures[2], figures[1])
    return None


def _figure(field: bytes) -> int:
    found = _FIGURE.match(field)
    return int(found[0]) if found else 0


def _coded(code: int, modifiers: int, latin: int = 0) -> str | None:
    """By the letter, and by what a Latin keyboard has on its key: on Dvorak and on AZERTY the two are different letters.

    A letter of another script with Ctrl may lie on any key, C and Z among them: where the terminal does not tell, it is STOP.
    """
    ctrl = (max(modifiers, 1) - 1) & CTRL_BIT
    for key in filter(None, map(_BY_CODE.get, (code, latin))):
        if ctrl or not key.needs_ctrl:
            return key.words
    return f"Ctrl+{chr(code)}" if ctrl and not latin and code > LATIN_END and chr(code).isalpha() else None


_SEQUENCE: Final = re.compile(r"(\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b)")


def without_bursts(text: str) -> str:
    """What one read of the terminal may do while a session is open.

    A key held down on a slow line arrives as many equal characters: one is kept. Many different ones were pasted into a
    terminal that does not mark pastes: none is kept. Escape sequences stay.
    """
    parts = _SEQUENCE.split(text)
    plain = "".join(parts[::2])
    if len(plain) < BURST_KEYS:
        return text
    kept = plain[0] if len(set(plain)) == 1 else ""
    return kept + "".join(parts[1::2])
