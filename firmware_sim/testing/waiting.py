"""Waiting for something to be seen on a simulator, with an end."""

from collections.abc import Callable
from typing import Final

from firmware_sim.serial_urls.live import LiveSimulator
from firmware_sim.server import clock_us

LOOK_EVERY_US: Final = 5_000


class NotSeen(AssertionError):
    """What a test waited for did not show within its time. The message ends with what was there instead."""


def wait_until(live: LiveSimulator, holds: Callable[[], bool], within_s: float, what: str, instead: Callable[[], str]) -> int:
    """Waits until `holds()` and returns when that was seen (µs). Raises NotSeen after `within_s`."""
    end_us = clock_us() + round(within_s * 1e6)
    with live.changed:
        while True:
            now_us = clock_us()
            if holds():
                return now_us
            if now_us >= end_us:
                raise NotSeen(f"{what or 'what was waited for'}: not seen within {within_s:g} s; {instead()}")
            live.wait(now_us, min(end_us, now_us + LOOK_EVERY_US))
