"""A session as the engine would tell it, for the tests of the record."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from emscontrol.core.events import Event, make
from emscontrol.record.journal import Journal

WALL = "2026-11-22T10:10:40.123+01:00"


def opened(**change: Any) -> Event:
    args: dict[str, Any] = {
        "protocol_id": "quadriceps-strength",
        "protocol_text": "id: quadriceps-strength\ntitle: Kräftigung µ\n",
        "protocol_compiled": "{}",
        "protocol_sha256": "ab" * 32,
        "port": "p24@sim",
        "simulated": True,
        "comfort": {"1": 40_000, "2": 38_000},
        "envelope": {"1": {"amplitude_max_ua": 40_000}},
        "limits_sha256": "cd" * 32,
        "device": {"model": "p24", "serial": "", "firmware": "1.0", "protocol_version": "4.0"},
        "capabilities": {"channels": 8},
        "versions": {"emscontrol": "0.1.0"},
    }
    return make("session_opened", **(args | change))


def set_point(number: int, *amplitudes_ua: int) -> Event:
    outputs = [
        {"channel": channel, "amplitude_ua": amplitude, "width_us": 300, "period_us": 28_572}
        for channel, amplitude in enumerate(amplitudes_ua, 1)
    ]
    return make("set_point", number=number, outputs=outputs, cause="ramp")


def state(before: str, after: str) -> Event:
    return make("state_changed", from_state=before, to_state=after, cause="as asked")


APART_US = 100_000  # between two events of the session


def totals(set_points: int) -> dict[str, dict[str, int]]:
    """What the set points of `session` stand for, its events being `APART_US` apart; every figure worked out here by hand."""
    on_us = (2 * set_points + 1) * APART_US  # from the first set point to the stop, which follows the request
    pulses = [-(-(2 * APART_US * k) // 28_572) for k in range(set_points)] + [-(-on_us // 28_572)]
    made = {"pulses": pulses[-1], "contractions": 1, "on_us": on_us}
    fresh = [after - before for before, after in pairwise(pulses)]  # new pulses at each set point
    return {
        channel: made
        | {"peak_ua": step_ua * set_points, "plateau_ua": step_ua * set_points}
        | {"charge_pc": sum(step_ua * number * 300 * count for number, count in enumerate(fresh, 1))}
        for channel, step_ua in (("1", 2000), ("2", 1000))
    }


def session(set_points: int = 10) -> list[Event]:
    """A whole session of 10 + 2 × `set_points` events."""
    course: list[Event] = []
    for number in range(1, set_points + 1):
        course += [set_point(number, 2000 * number, 1000 * number), make("acked", number=number)]
    return [
        opened(),
        state("idle", "connected"),
        state("connected", "armed"),
        make("phase_started", name="work", index=1, of=1),
        make("contraction_started", phase=1, index=1, of=1, channels=[1, 2]),
        *course,
        make("stop_requested", who="engine", how="ramp", cause="programme over"),
        make("stop_sent"),
        state("running", "ended"),
        make("totals", channels=totals(set_points)),
        make("session_ended", result="completed", reason="programme over", duration_us=(2 * set_points + 6) * APART_US),
    ]


def lines_of(events: Iterable[Event]) -> list[bytes]:
    """The lines of a journal with these events, 100 ms apart."""
    journal = Journal.in_memory(lambda: WALL)
    for number, event in enumerate(events):
        journal.append(event, number * APART_US)
    assert journal.failure is None
    return list(journal.lines)
