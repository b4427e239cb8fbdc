"""STOP, measured: from the key's byte in a real pseudo-terminal to the stop frame on the stimulator's wire.

Both roads side by side, each with the other one cut: the direct one (input thread, own connection) and the ordinary handler
of the screen library. Every sample is a session of its own with current flowing; see bench/stop_rig.py for what is between.

The program shows no text field while an engine lives, so for "from a text field" the benchmark puts one above the session; F12
is the STOP key that works there, and it is the key of all rows. Run: python bench/stop_road.py [--samples N] [--only WORDS];
the 100 stops that a 99th percentile deserves take a quarter of an hour, nearly all of it for starting engines.
"""

import argparse
import contextlib
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.stop_rig import FIELD, HANG, NEXT, PATIENCE_S, PLOT, RUSH, Lane

LANES = 4  # screens at a time: their sessions are begun together, and each is stopped while the others only go on
CALM_S = 0.06  # before each key, for what the last stop has left to do
SIZES = ((80, 24), (160, 50), (60, 16), (100, 30), (120, 40))


def idle(lane: Lane) -> None:
    """The screen draws its ten pictures a second and nothing else."""


def plotting(lane: Lane) -> None:
    """A chart of 500 points moves above the channels, twenty times a second."""
    lane.ask(PLOT)
    time.sleep(0.2)


def flooded(lane: Lane) -> None:
    """2,000 keys typed ahead."""
    lane.terminal.type(b"jk" * 1_000)


def hanging(lane: Lane) -> None:
    """The event loop computes for 500 ms; the key comes 50 ms in."""
    lane.ask(HANG)
    time.sleep(0.05)


def undrained(lane: Lane) -> None:
    """The whole screen is drawn fifty times a second, and the terminal has not taken anything for a second."""
    lane.ask(RUSH)
    lane.terminal.reading = False
    time.sleep(1.0)


def resized(lane: Lane) -> None:
    """2,000 keys typed ahead, and five sizes of the window."""
    for number, size in enumerate(SIZES):
        lane.terminal.type(b"jk" * 200)
        lane.terminal.resize(*size)
        time.sleep(0.002 * number)


def in_help(lane: Lane) -> None:
    """The help lies above the session."""
    lane.terminal.forget()
    lane.terminal.type(b"?")
    lane.terminal.wait_for("Keys (Enter or ? goes back)")


def in_field(lane: Lane) -> None:
    """A text field has the focus."""
    lane.ask(FIELD)
    lane.terminal.wait_for("some text")


@dataclass(frozen=True)
class Condition:
    """What is going on when the key is pressed, and how long the direct road may take (ms, 99th percentile)."""

    name: str
    before: Callable[[Lane], None]
    aim_ms: int = 50


CONDITIONS = (
    Condition("idle", idle, 20),
    Condition("plotting", plotting, 20),
    Condition("2,000 keys typed ahead", flooded),
    Condition("500 ms hang of the screen", hanging),
    Condition("terminal that does not drain", undrained),
    Condition("resized while flooded", resized),
    Condition("from a modal", in_help),
    Condition("from a text field", in_field),
)


def a_round(lanes: list[Lane], before: Callable[[Lane], None]) -> list[float]:
    """One session on each lane: current, whatever `before` does, the key, the stop frame (ms)."""
    for lane in lanes:
        lane.ask(NEXT)
    for lane in lanes:
        lane.terminal.wait(lambda lane=lane: lane.flowing, PATIENCE_S)
    found = []
    for lane in lanes:
        time.sleep(CALM_S + random.uniform(0.0, 0.05))
        before(lane)
        found.append(lane.stop_ms())
    return found


def samples(road: str, rows: list[Condition], wanted: int) -> dict[str, str]:
    """So many stops in each condition by one road; their figures by the condition's name."""
    found: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        lanes = [stack.enter_context(contextlib.closing(Lane(road))) for _ in range(min(LANES, wanted))]
        a_round(lanes, idle)  # what is slow only once
        for row in rows:
            stops: list[float] = []
            while len(stops) < wanted:
                stops += a_round(lanes[: wanted - len(stops)], row.before)
            found[row.name] = figures(stops)
            print(f"({road}: {row.name}: {found[row.name]}; load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)
    return found


def figures(values: list[float]) -> str:
    """Median, 99th percentile (nearest rank), maximum."""
    ordered = sorted(values)
    rank = min(len(ordered) - 1, -(-99 * len(ordered) // 100) - 1)
    told = [
        f"{value:.1f}" if value < float("inf") else "never"
        for value in (statistics.median(ordered), ordered[rank], ordered[-1])
    ]
    return f"{told[0]:>8} {told[1]:>7} {told[2]:>7}"


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--samples", type=int, default=24, help="stops by the direct road in each condition")
    arguments.add_argument("--handler", type=int, default=4, help="stops by the ordinary handler in each condition")
    arguments.add_argument("--only", default="", help="conditions whose name contains this")
    given = arguments.parse_args()
    roads = (("direct", given.samples), ("handler", given.handler))
    began_s = time.monotonic()
    print("STOP key to the stop frame on the wire, ms. Never: the session ended by its lease of 2,000 ms.")
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    print(f"{'':30} {f'direct, {given.samples} stops':>24} {'aim':>5}   {f'handler, {given.handler} stops':>24}")
    print(f"{'':30} {'p50     p99     max':>24} {'p99':>5}   {'p50     p99     max':>24}")
    rows = [row for row in CONDITIONS if given.only in row.name]
    direct, handler = (samples(road, rows, count) for road, count in roads)
    for row in rows:
        print(f"{row.name:30} {direct[row.name]:>24} {row.aim_ms:>5}   {handler[row.name]:>24}")
    print(f"{time.monotonic() - began_s:.0f} s.")


if __name__ == "__main__":
    main()
