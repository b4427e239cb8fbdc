"""A simulator in a process of its own, as a user starts it, for the tests that need real time."""

import json
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_sim.scope import ScopeLine

LIMIT_S = 20


class Served:
    """The process, the address it gave, and what its oscilloscope has written."""

    def __init__(self, process: subprocess.Popen[str], address: str, scope: Path) -> None:
        self.process = process
        self.address = address
        self.scope = scope

    def lines(self) -> list[ScopeLine]:
        """Whole lines written up to now."""
        text = self.scope.read_text(encoding="utf-8")
        return [ScopeLine(**json.loads(line)) for line in text[: text.rfind("\n") + 1].splitlines()]

    def wait(self, what: Callable[[list[ScopeLine]], bool]) -> list[ScopeLine]:
        """The oscilloscope's lines as soon as they show `what`. Fails after a bounded time."""
        end = time.monotonic() + LIMIT_S
        while not what(lines := self.lines()):
            assert time.monotonic() < end, f"never seen on the oscilloscope: {lines[-5:]}"
            time.sleep(0.005)
        return lines

    def next_address(self) -> str:
        """One more line of standard output. Fails after a bounded time."""
        return _line(self.process)

    def end(self) -> None:
        """Ends it as a user does."""
        self.process.terminate()
        assert self.process.wait(LIMIT_S) == 0


@contextmanager
def served(folder: Path, model: str, *options: str) -> Iterator[Served]:
    """Runs `emssim serve MODEL` with an oscilloscope in this folder."""
    scope = folder / "scope.jsonl"
    command = [sys.executable, "-m", "firmware_sim", "serve", model, "--scope", str(scope), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        yield Served(process, _line(process), scope)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def is_off(lines: list[ScopeLine]) -> bool:
    """Whether something was on and every channel's last line says 0."""
    last = {line.channel: line.amplitude_ua for line in lines}
    return any(line.amplitude_ua for line in lines) and not any(last.values())


def delivered(lines: list[ScopeLine]) -> dict[int, int]:
    """Pulses by channel."""
    totals: dict[int, int] = {}
    for line in lines:
        totals[line.channel] = totals.get(line.channel, 0) + line.pulses
    return totals


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], LIMIT_S)
    assert ready, "the simulator did not say its address"
    return process.stdout.readline().strip()
