"""Ctrl+C in a terminal, and a parent that is killed: with real processes in a group of their own, as a shell starts them."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from emscontrol.core.errors import UsageError
from emscontrol.trials.workers import in_processes
from tests.pty.waiting import wait_for

WITHIN_S = 3.0  # two seconds, and one for a machine that is busy with other tests
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


def members(group: int) -> set[int]:
    """The processes of this group that still run (no zombies)."""
    found = set()
    for place in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found.add(int(place.name))
    return found


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`emscontrol campaign` in a process group of its own; whatever is left of it is ended."""
    command = [sys.executable, "-m", "emscontrol", "campaign", *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)


def interrupted(process: subprocess.Popen[str], times: int = 1) -> tuple[int, str, str, float]:
    """Exit code, output, errors, and how long it took from Ctrl+C on."""
    began = time.monotonic()
    for _ in range(times):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.02)
    output, errors = process.communicate(timeout=20)
    return process.returncode, output, errors, time.monotonic() - began


@pytest.mark.parametrize("after_s", [1.0, 4.0])  # while the workers begin; while they work
def test_ctrl_c_ends_it_at_once_with_a_summary_and_nobody_left(after_s: float) -> None:
    with started("--seeds", "1..5000", "--jobs", "2") as process:
        wait_for(lambda: len(members(process.pid)) >= 3, "two workers beside their parent")
        time.sleep(after_s)
        code, output, errors, took_s = interrupted(process)
        assert code == 130, errors
        assert took_s < WITHIN_S
        assert "Traceback" not in errors, errors
        told = re.search(r"^(\d+) sessions, ", output, re.MULTILINE)
        assert told, output
        said = re.search(r"emscontrol campaign --seeds (\d+)\.\.5000 goes on from there", errors)
        assert said, errors
        assert int(said[1]) == int(told[1]) + 1
        wait_for(lambda: not members(process.pid), "the end of all processes", 2.0)


@pytest.mark.parametrize("arguments", [("--seeds", "1..5000", "--jobs", "1"), ("--planted", "--jobs", "2")])
def test_ctrl_c_twice_is_no_traceback(arguments: tuple[str, ...]) -> None:
    with started(*arguments) as process:
        time.sleep(3.0)
        code, _, errors, took_s = interrupted(process, times=2)
        assert code == 130, errors
        assert took_s < WITHIN_S
        assert "Stopped by Ctrl+C" in errors
        assert "Traceback" not in errors, errors
        wait_for(lambda: not members(process.pid), "the end of all processes", 2.0)


def test_workers_do_not_outlive_a_parent_that_is_killed() -> None:
    with started("--seeds", "1..5000", "--jobs", "2") as process:
        wait_for(lambda: len(members(process.pid)) >= 3, "two workers beside their parent")
        process.kill()
        wait_for(lambda: not members(process.pid), "the end of the workers", 5.0)


def _half_of(number: int) -> int:
    if number == 7:
        os._exit(3)
    time.sleep(0.05 * (number % 3))
    return number // 2


def test_results_come_in_order_and_workers_are_renewed() -> None:
    assert list(in_processes(_half_of, [*range(7), *range(8, 20)], 2, renew=6)) == [n // 2 for n in range(20) if n != 7]


def test_a_worker_that_dies_is_said() -> None:
    with pytest.raises(UsageError, match="died"):
        list(in_processes(_half_of, range(20), 2, renew=50))
