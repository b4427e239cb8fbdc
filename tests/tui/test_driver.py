"""What the terminal sends that is no key: it is left out, and what comes before, behind and beside it is still read."""

import os
from collections.abc import Iterator
from typing import cast

import pytest
from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from emscontrol.tui.driver import TappedReader
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


def test_a_click_lands_where_it_did_after_something_that_is_no_key(pipe: tuple[int, int]) -> None:
    ears = Ears(pipe[0])
    reader = TappedReader(cast("LinuxDriver", ears), StopRoad())
    os.write(pipe[1], b"\x1b[48;24;80;480;800t\x1b[:u\x1b[<0;101;201M")  # cells of 10 by 20 pixels
    reader.turn(True)
    for _ in range(20):
        reader.turn(False)
    assert [(each.x, each.y) for each in ears.heard if isinstance(each, events.MouseDown)] == [(10, 10)]
