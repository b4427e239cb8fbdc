"""The terminal driver with the STOP tap. Rests on half-private parts of the screen library, which a contract test holds.

The input thread reads the terminal, looks for STOP in the raw bytes, and only then lets the library's parser have them: a
little at a time, looking at the terminal again in between, so that no backlog of keys stands before a STOP.
"""

import os
import select
import selectors
import signal
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Final

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from emscontrol.tui.failing import told_to_end
from emscontrol.tui.keyboard import ESC_ALONE_S, StopScanner, without_bursts
from emscontrol.tui.stop_road import StopRoad

READ_BYTES: Final = 1 << 16
SLICE: Final = 8  # characters that the parser gets between two looks at the terminal
BACKLOG_MAX: Final = 1 << 15  # characters; what is typed further ahead is dropped, STOP excepted
TURN_S: Final = 0.001  # a busy event loop lets this thread have its turn after so long, instead of the usual 5 ms
UNREADABLE: Final = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, ParseError)
"""What the library's parser raises at a sequence that it takes for a key, a click or a size and that is none: a field without
a figure, a character beyond the last one, a window of no width. Any program, cable or paste can send such bytes."""

GIVEN_BACK: Final = (
    b"\x1b[?2004l\x1b[?2048l\x1b[?7h"  # pasting, sizes and wrapping as usual
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # the mouse
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"  # keys, what stood there before, the cursor, the focus
)
"""What the library writes when it leaves, in one piece."""

LOOK_S: Final = 0.1  # how soon the thread notices that it is to end
GIVING_BACK_S: Final = 0.1  # so long a full terminal may take to make room for each part of the last words
ENDED_BY: Final[Mapping[signal.Signals, Any]] = {
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGINT: signal.default_int_handler,
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGQUIT: signal.SIG_DFL,
    signal.SIGUSR1: signal.SIG_DFL,  # those that people send by mistake, and a limit of computing time
    signal.SIGUSR2: signal.SIG_DFL,
    signal.SIGXCPU: signal.SIG_DFL,
}
"""What ends this program from outside, and what each of them does when the terminal has been given back."""


class TapDriver(LinuxDriver):
    """The library's driver, with an input thread of our own. `road` is set by `tapped`."""

    road: ClassVar[StopRoad]

    def start_application_mode(self) -> None:
        """Take the terminal; from now on a program that is told to end gives it back. A signal that is ignored stays so."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for each in ENDED_BY:
            if signal.getsignal(each) is not signal.SIG_IGN:
                signal.signal(each, self._told_to_end)

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        super().stop_application_mode()
        for each, usual in ENDED_BY.items():
            if signal.getsignal(each) == self._told_to_end:
                signal.signal(each, usual)

    @classmethod
    def _patch_lflag(cls, attrs: int) -> int:
        """As the library sets the terminal, and never with signals for Ctrl+C and Ctrl+Z: those are STOP keys."""
        return super()._patch_lflag(attrs) & ~termios.ISIG

    def _sigtstp_application(self, *given: object) -> None:
        """Suspended from outside: stop first, for then no key reaches anything until the lease has run out."""
        self.road.press(signal.SIGTSTP.name)
        super()._sigtstp_application(*given)

    def _sigcont_application(self, *given: object) -> None:
        """Go on, where this driver has given the terminal back: a second input thread would keep the program from ending."""
        if self._must_signal_resume:
            super()._sigcont_application(*given)

    def run_input_thread(self) -> None:
        """Read until the driver is told to end or the terminal is gone."""
        sys.setswitchinterval(TURN_S)
        reader = TappedReader(self, self.road)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                reader.turn(bool(selector.select(reader.wait_s())))
                if reader.ended:
                    self._terminal_gone()
                    break
        reader.finish()

    def _terminal_gone(self) -> None:
        """Nobody can read or type any more: stop, and leave, as a hang-up signal would have it.

        At once and for good: the event loop may be waiting for the dead terminal to take its output, and would wait for ever.
        """
        self.road.press("the terminal is gone")
        os._exit(128 + signal.SIGHUP)

    def _told_to_end(self, signum: int, _frame: object) -> None:
        """Somebody, or the system going down, ends this program: stop, give the terminal back, and say what to do.

        At once, as when the terminal is gone: neither the event loop nor a terminal that takes no output is waited for.
        """
        name = signal.Signals(signum).name
        self.road.press(name)
        with suppress(OSError, termios.error):
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            at_once(self._file.fileno() if self._file is not None else self.fileno, GIVEN_BACK + told_to_end(name).encode())
        os._exit(128 + signum)


def at_once(screen: int, words: bytes) -> None:
    """Write what the terminal takes, without waiting for one that takes nothing. Raises OSError when it is gone.

    Whoever else has the terminal open, as the shell has, finds it as it was.
    """
    waiting = os.get_blocking(screen)
    os.set_blocking(screen, False)
    try:
        while words and select.select([], [screen], [], GIVING_BACK_S)[1]:
            words = words[os.write(screen, words) :]
    except BlockingIOError:
        return
    finally:
        os.set_blocking(screen, waiting)


class TappedReader:
    """Bytes of one terminal: STOP first, the rest to the parser."""

    def __init__(self, driver: LinuxDriver, road: StopRoad) -> None:
        self._driver = driver
        self._road = road
        self._scanner = StopScanner()
        self._hanging_since_s = 0.0
        self._parser = XTermParser(False)
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._pending = ""
        self.ended = False

    def wait_s(self) -> float:
        """How long to wait for the next byte."""
        if self._pending:
            return 0.0
        return ESC_ALONE_S / 4 if self._scanner.hanging else LOOK_S

    def turn(self, readable: bool) -> None:
        """One look: take what has arrived, hand on a little."""
        if readable:
            self._read()
        self._watch_escape()
        now, self._pending = self._pending[:SLICE], self._pending[SLICE:]
        for character in now:
            self._hand_on(partial(self._parser.feed, character))
        if not now:
            self._hand_on(self._parser.tick)

    def finish(self) -> None:
        """Let the parser give up what it holds."""
        try:
            for _ in self._parser.feed(""):
                pass
        except (EOFError, *UNREADABLE):
            return

    def _hand_on(self, parsed: Callable[[], Iterable[Message]]) -> None:
        """What the parser makes of it; a sequence that it cannot read is left out, and it begins anew."""
        messages: list[Message] = []
        try:
            messages.extend(parsed())
        except UNREADABLE:
            self._parser = _begun_anew(self._parser)
        for message in messages:
            self._driver.process_message(message)

    def _read(self) -> None:
        try:
            data = os.read(self._driver.fileno, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.ended = not data
        self._stop_if(self._scanner.feed(data))
        self._hanging_since_s = time.monotonic()
        text = self._decode(data)
        fresh = without_bursts(text) if self._road.expecting else text
        self._pending = (self._pending + fresh)[:BACKLOG_MAX]

    def _watch_escape(self) -> None:
        if self._scanner.hanging and time.monotonic() - self._hanging_since_s >= ESC_ALONE_S:
            self._stop_if(self._scanner.nothing_followed())

    def _stop_if(self, words: str | None) -> None:
        """Send the stop, and drop what was typed before it and not yet handed on.

        Noted first: whoever begins a session expects first and then looks at what was noted, so none falls between the two.
        """
        if words is None:
            return
        self._road.note(words)
        if self._road.expecting:
            self._road.press(words)
            self._pending = ""


def _begun_anew(before: XTermParser) -> XTermParser:
    """Another parser, which knows the size of the terminal's cells as this one did: without it a click lands elsewhere."""
    parser = XTermParser(False)
    parser.mouse_pixels = before.mouse_pixels
    parser.terminal_size = before.terminal_size
    parser.terminal_pixel_size = before.terminal_pixel_size
    return parser


def tapped(road: StopRoad) -> type[LinuxDriver]:
    """The driver class whose STOP goes down this road."""
    return type("TapDriver", (TapDriver,), {"road": road})
