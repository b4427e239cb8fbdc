"""The driver of the terminal: what is no key is left out and all around it read, and each signal stops before anything else."""

import asyncio
import importlib
import os
import pty
import select
import signal
import socket
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual import constants, events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

import emscontrol.tui
from emscontrol.tui.app import EmsApp
from emscontrol.tui.driver import GIVEN_BACK, TapDriver, TappedReader, at_once, tapped
from emscontrol.tui.stop_road import StopRoad

NO_KEYS = (
    b"\x1b[:u",  # a field without a figure
    b"\x1b[97;1:3u",  # kitty's release of a key, which was not asked for
    b"\x1b[24;1:3~",
    b"\x1b[97:65;2u",
    b"\x1b[1114112~",  # beyond the last character
    b"\x1b[1114112u",
    b"\x1b[99999999999999999999u",
    b"\x1b[48;0;0;0;0t\x1b[<0;5;5M",  # a click in a window of no width
)


class Ears:
    """Where messages go to; reads from a pipe."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self.heard: list[Message] = []

    def process_message(self, message: Message) -> None:
        self.heard.append(message)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    yield ends
    for end in ends:
        os.close(end)


def keys(ears: Ears) -> list[str]:
    return [message.key for message in ears.heard if isinstance(message, events.Key)]


@pytest.mark.parametrize("data", NO_KEYS, ids=repr)
def test_what_is_no_key_is_left_out_and_every_key_around_it_arrives(data: bytes, pipe: tuple[int, int]) -> None:
    ears = Ears(pipe[0])
    reader = TappedReader(cast("LinuxDriver", ears), StopRoad())
    os.write(pipe[1], b"a" + data + b"b\x1b[A")
    reader.turn(True)
    for _ in range(20):
        reader.turn(False)
    assert keys(ears) == ["a", "b", "up"]


@pytest.mark.parametrize("data", NO_KEYS, ids=repr)
def test_a_stop_of_the_same_read_is_found(data: bytes, pipe: tuple[int, int]) -> None:
    road = StopRoad()
    road.expect()
    reader = TappedReader(cast("LinuxDriver", Ears(pipe[0])), road)
    os.write(pipe[1], data + b"\x03")
    reader.turn(True)
    assert road.pressed == ("F12" if b"[24;" in data else "Ctrl+C")  # of F12 the release is a STOP, too


def test_no_stop_falls_between_a_session_that_is_looked_for_and_one_that_is_open(pipe: tuple[int, int]) -> None:
    class Opening(StopRoad):
        """The other thread opens a session, having looked for a STOP, in the very moment after one was noted or pressed."""

        def note(self, words: str) -> None:
            super().note(words)
            self.expect()

    road = Opening()
    reader = TappedReader(cast("LinuxDriver", Ears(pipe[0])), road)
    os.write(pipe[1], b"\x03")
    reader.turn(True)
    assert road.pressed == "Ctrl+C"


def test_a_click_lands_where_it_did_after_something_that_is_no_key(pipe: tuple[int, int]) -> None:
    ears = Ears(pipe[0])
    reader = TappedReader(cast("LinuxDriver", ears), StopRoad())
    os.write(pipe[1], b"\x1b[48;24;80;480;800t\x1b[:u\x1b[<0;101;201M")  # cells of 10 by 20 pixels
    reader.turn(True)
    for _ in range(20):
        reader.turn(False)
    assert [(each.x, each.y) for each in ears.heard if isinstance(each, events.MouseDown)] == [(10, 10)]


# -- signals ---------------------------------------------------------------------------------------------------------------

ENDS = (
    *(signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU),
)
TAKEN = (*ENDS, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGTTIN, signal.SIGTTOU)


class Ended(BaseException):
    """In place of the end of this process."""


class Desk:
    """A driver on a pseudo-terminal, and the engine's end of its road. A session is open; every signal arrives as such."""

    def __init__(self, driver: TapDriver, engine: socket.socket, master: int) -> None:
        self.driver = driver
        self.master = master
        self._engine = engine

    def told(self) -> bytes:
        """What the engine has been told, b"" for nothing."""
        with suppress(BlockingIOError):
            return self._engine.recv(1 << 16)
        return b""

    def shown(self) -> bytes:
        """What the terminal has been sent."""
        data = b""
        while select.select([self.master], [], [], 0.05)[0]:
            data += os.read(self.master, 1 << 16)
        return data

    def threads(self) -> int:
        """How many read the terminal."""
        return [thread.name for thread in threading.enumerate()].count("textual-input")


@contextmanager
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Inside a running loop."""
    road, (near, engine) = StopRoad(), socket.socketpair()
    engine.setblocking(False)
    road.expect()
    road.open(near, SimpleNamespace(say=lambda *_, **__: None))
    master, slave = pty.openpty()
    before = {number: signal.getsignal(number) for number in TAKEN}
    driver = cast("TapDriver", tapped(road)(App[None]()))
    driver.fileno = slave
    driver._file = open(slave, "w", closefd=False)  # noqa: SIM115 -- closed below

    def ended(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(os, "_exit", ended)
    driver.start_application_mode()
    try:
        yield Desk(driver, engine, master)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        termios.tcflush(master, termios.TCIOFLUSH)
        driver.exit_event.set()
        for thread in threading.enumerate():
            if thread.name == "textual-input":
                thread.join()
        driver.close()
        driver._file.close()
        near.close()
        engine.close()
        os.close(master)
        os.close(slave)


def at_the_desk(monkeypatch: pytest.MonkeyPatch, act: Callable[[Desk], None]) -> None:
    async def within() -> None:
        with desk(monkeypatch) as here:
            act(here)

    asyncio.run(within())


@pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
def test_each_signal_that_ends_it_stops_gives_the_terminal_back_and_is_named(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(here: Desk) -> None:
        assert not termios.tcgetattr(here.master)[3] & termios.ECHO
        with pytest.raises(Ended) as ended:
            signal.raise_signal(number)
        assert ended.value.args == (128 + number,)
        assert f'"do": "stop", "who": "operator", "cause": "{number.name} (direct road)"'.encode() in here.told()
        _, given_back, words = here.shown().partition(GIVEN_BACK)
        assert given_back
        assert f"({number.name}). A session that was open was told to stop".encode() in words
        assert termios.tcgetattr(here.master)[3] & termios.ECHO

    at_the_desk(monkeypatch, act)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"
)  # of what writes: by then the program is gone
def test_a_signal_is_obeyed_at_once_where_the_terminal_takes_no_output(monkeypatch: pytest.MonkeyPatch) -> None:
    def act(here: Desk) -> None:
        again = os.open(os.ttyname(here.driver.fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with suppress(BlockingIOError):
            while True:
                os.write(again, b"x" * 1024)
        os.close(again)
        with pytest.raises(Ended):
            signal.raise_signal(signal.SIGTERM)
        assert b"SIGTERM" in here.told()
        assert os.get_blocking(here.driver.fileno)

    at_the_desk(monkeypatch, act)


def test_last_words_are_written_as_far_as_there_is_room_and_whoever_shares_the_terminal_finds_it_as_it_was(
    pipe: tuple[int, int],
) -> None:
    words = b"last words" * 100_000  # more than any pipe holds
    writing = threading.Thread(target=at_once, args=(pipe[1], words), daemon=True)
    writing.start()
    writing.join(5.0)
    assert not writing.is_alive(), "it waits for room"
    assert os.get_blocking(pipe[1])
    assert len(os.read(pipe[0], 1 << 20)) >= select.PIPE_BUF


def test_last_words_arrive_whole_where_a_terminal_takes_them_in_parts(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda screen, data: whole(screen, data[:7]))
    at_once(pipe[1], GIVEN_BACK)
    assert os.read(pipe[0], 1 << 16) == GIVEN_BACK


def test_a_terminal_that_is_gone_is_left_as_it_was() -> None:
    gone, screen = os.pipe()
    os.close(gone)
    with pytest.raises(BrokenPipeError):
        at_once(screen, b"last words")
    assert os.get_blocking(screen)
    os.close(screen)


def test_what_was_ignored_before_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def act(here: Desk) -> None:
        signal.raise_signal(signal.SIGHUP)
        here.driver.stop_application_mode()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    try:
        at_the_desk(monkeypatch, act)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_suspended_from_outside_it_stops_first_and_goes_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def act(here: Desk) -> None:
        told: list[tuple[bytes, int]] = []
        monkeypatch.setattr(os, "kill", lambda _, number: told.append((here.told(), number)))
        signal.raise_signal(signal.SIGCONT)  # it was never suspended
        assert here.threads() == 1
        signal.raise_signal(signal.SIGTSTP)
        [(before, number)] = told
        assert b'"cause": "SIGTSTP (direct road)"' in before
        assert number == signal.SIGSTOP
        assert here.threads() == 0
        signal.raise_signal(signal.SIGCONT)
        signal.raise_signal(signal.SIGCONT)
        assert here.threads() == 1

    at_the_desk(monkeypatch, act)


# -- what the library would be told by its environment ---------------------------------------------------------------------


def test_nothing_in_the_environment_reaches_the_screen_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEXTUAL", "TEXTUAL_PRESS", "TEXTUAL_DRIVER", "TEXTUAL_ALLOW_SIGNALS", "TEXTUAL_SCREENSHOT"):
        monkeypatch.setenv(name, "1")
    importlib.reload(emscontrol.tui)
    assert not [name for name in os.environ if name.startswith("TEXTUAL")]


def test_no_key_becomes_a_signal_and_no_other_driver_takes_the_place_of_the_tap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_ALLOW_SIGNALS", "1")
    monkeypatch.setattr(constants, "DRIVER", "textual.drivers.linux_driver:LinuxDriver")
    usual = termios.ISIG | termios.ECHO | termios.ICANON | termios.IEXTEN
    assert TapDriver._patch_lflag(usual | termios.ECHOE) == termios.ECHOE
    app = cast("Any", SimpleNamespace(road=StopRoad()))
    assert issubclass(EmsApp.get_driver_class(app), TapDriver)
