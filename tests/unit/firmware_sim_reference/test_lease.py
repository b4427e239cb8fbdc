"""The lease, the epoch, what the host believes, and what is left after each way out of an arming."""

from typing import Any

import pytest

from firmware_sim.reference.tables import Bit, Result, State
from tests.unit.firmware_sim_reference.host import Host, contraction


def state(host: Host) -> State:
    """The state as it is."""
    found: State = host.port.device.state  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("lease_ms", [100, 333, 500])
def test_the_lease_runs_out_at_exactly_its_time(lease_ms: int) -> None:
    end_us = lease_ms * 1000
    host = Host()
    host.prepare(period_us=2500)
    host.arm(lease_ms)
    host.set(c1=10)
    assert host.wait(end_us - 1) == []
    assert (state(host), host.port.due_us()) == (State.ACTIVE, end_us)
    (event,) = host.wait(end_us)
    assert (event.command, event.params["state"], event.params["faults"]) == ("EVENT", 0, Bit.LEASE_OVER | Bit.REBOOTED)
    assert event.params["epoch"] == host.epoch
    assert host.shown()[-1] == (end_us, 0, -(-end_us // 2500))
    assert host.wait(end_us + 1_000_000) == []


def test_the_lease_runs_out_at_its_time_however_late_anybody_looks() -> None:
    host = Host()
    host.ready(period_us=2500)
    host.set(c1=10)
    (event,) = host.wait(3_600_000_000)
    assert event.params["device_ms"] == 500
    assert host.shown()[-1] == (500_000, 0, 200)


@pytest.mark.parametrize(
    ("command", "params"),
    [
        ("RENEW", {"state": 2, "channels": 1}),
        ("SET", {"each": [{"channel": 1, "amplitude": 10}]}),
        ("CONTRACT", {"each": [contraction(1, 10, 1_000_000, 0, 0)]}),
    ],
)
def test_each_accepted_command_of_the_epoch_renews_it_from_its_arrival(command: str, params: dict[str, Any]) -> None:
    host = Host()
    host.ready()
    host.set(c1=10)
    host.wait(499_999)
    host.ok(command, **params)
    assert host.status()["lease_left_ms"] == 500
    assert host.wait(999_998) == []
    assert host.wait(999_999)[0].command == "EVENT"


def test_a_renewal_at_the_very_end_comes_too_late() -> None:
    host = Host()
    host.ready()
    host.now_us = 500_000
    said = host.send("RENEW", state=1, channels=0)
    assert [frame.command for frame in said] == ["EVENT", "RENEW_ANSWER"]
    assert said[1].params["result"] == Result.NO_EPOCH


@pytest.mark.parametrize(
    ("command", "params"),
    [
        ("STATUS", {}),
        ("READ_LIMITS", {"channel": 1}),
        ("IDENTIFY", {}),
        ("RENEW", {"state": 0, "channels": 1}),
        ("SET", {"each": [{"channel": 1, "amplitude": 1200}]}),
        ("CONTRACT", {"each": [contraction(1, 100, 0, 0, 1)]}),
        ("RENEW", {"epoch": 1, "state": 2, "channels": 1}),
        ("ARM", {"lease_ms": 500}),
    ],
)
def test_nothing_else_renews_it(command: str, params: dict[str, Any]) -> None:
    host = Host()
    host.ready()
    host.set(c1=10)
    host.wait(400_000)
    host.send(command, **params)
    assert host.status()["lease_left_ms"] == 100
    assert host.wait(500_000)[0].params["faults"] & Bit.LEASE_OVER


@pytest.mark.parametrize(("believed", "mask"), [(1, 1), (2, 0), (2, 2), (2, 3), (1, 0)])
def test_a_wrong_belief_ends_the_output(believed: int, mask: int) -> None:
    host = Host()
    host.ready((1, 2))
    host.set(c1=10)
    host.wait(50_000)
    assert host.result("RENEW", state=believed, channels=mask) == (Result.MISBELIEF, 0)
    assert state(host) is State.IDLE
    assert host.shown()[-1] == (50_000, 0, 3)
    assert host.heard() == []
    assert host.result("RENEW", state=2, channels=1) == (Result.NO_EPOCH, 0)


def test_a_contraction_that_has_run_out_is_still_commanded() -> None:
    host = Host()
    host.ready((1, 2))
    host.ok("CONTRACT", each=[contraction(2, 50, 100_000, 0, 0)])
    host.wait(200_000)
    assert host.port.stage.is_zero
    host.ok("RENEW", state=2, channels=2)
    assert host.set()["each"] == []
    host.ok("RENEW", state=1, channels=0)


def leave_by_stop(host: Host) -> None:
    """The host stops."""
    host.ok("STOP")


def leave_by_hello(host: Host) -> None:
    """A host begins."""
    host.ok("HELLO", version_min=1, version_max=1)


def leave_by_lease(host: Host) -> None:
    """The host is silent."""
    host.wait(host.now_us + 500_000)


def leave_by_belief(host: Host) -> None:
    """The host is wrong."""
    host.result("RENEW", state=1, channels=128)


def leave_by_fault(host: Host) -> None:
    """The output stage is too hot for a while."""
    host.port.device.heat(61, host.now_us)  # type: ignore[attr-defined]
    host.port.device.heat(40, host.now_us)  # type: ignore[attr-defined]
    host.heard()
    host.ok("CLEAR")


@pytest.mark.parametrize("leave", [leave_by_stop, leave_by_hello, leave_by_lease, leave_by_belief, leave_by_fault])
@pytest.mark.parametrize("active", [False, True])
def test_every_way_out_ends_the_epoch_and_forgets_trains_and_limits(leave: Any, active: bool) -> None:
    host = Host()
    host.ready()
    if active:
        host.set(c1=10)
    old = host.epoch
    leave(host)
    assert state(host) is State.IDLE
    assert host.port.stage.is_zero
    assert host.result("READ_LIMITS", channel=1) == (Result.NO_LIMITS, 1)
    for command, params in (
        ("RENEW", {"state": 1, "channels": 0}),
        ("SET", {"each": []}),
        ("CONTRACT", {"each": [contraction(1, 10, 1_000_000, 0, 0)]}),
    ):
        assert host.result(command, **params) == (Result.NO_EPOCH, 0)
    host.arm()
    assert host.epoch != old
    assert host.result("SET", each=[{"channel": 1, "amplitude": 10}]) == (Result.NO_TRAIN, 1)
    assert host.result("SET", epoch=old, each=[]) == (Result.WRONG_EPOCH, 0)
    assert host.result("RENEW", epoch=old, state=1, channels=0) == (Result.WRONG_EPOCH, 0)


def test_hello_forgets_in_idle_and_stop_does_not() -> None:
    host = Host()
    host.prepare()
    host.ok("STOP")
    host.ok("READ_LIMITS", channel=1)
    host.ok("HELLO", version_min=1, version_max=1)
    assert host.result("READ_LIMITS", channel=1) == (Result.NO_LIMITS, 1)


def test_every_arming_has_another_epoch_that_is_not_zero() -> None:
    host = Host()
    seen = set()
    for _ in range(50):
        seen.add(host.arm(100))
        host.ok("STOP")
    assert len(seen) == 50
    assert 0 not in seen


def test_a_device_that_restarts_is_idle_with_all_output_off() -> None:
    host = Host()
    first = host.ok("HELLO", version_min=1, version_max=1)["boot_id"]
    host.ready()
    host.set(c1=10)
    host.now_us = 50_000
    host.port.power_cycle(50_000)
    assert host.heard() == []
    status = host.status()
    assert (status["state"], status["faults"], status["device_ms"], status["each"]) == (0, Bit.REBOOTED, 0, [])
    assert host.shown()[-1] == (50_000, 0, 3)
    assert host.result("RENEW", state=2, channels=1) == (Result.NO_EPOCH, 0)
    assert host.result("READ_LIMITS", channel=1) == (Result.NO_LIMITS, 1)
    assert host.ok("HELLO", version_min=1, version_max=1)["boot_id"] != first
    assert host.status()["faults"] == 0


def test_lease_over_is_said_until_the_next_arming() -> None:
    host = Host()
    host.ok("HELLO", version_min=1, version_max=1)
    host.arm()
    host.wait(600_000)
    host.ok("HELLO", version_min=1, version_max=1)
    assert host.status()["faults"] == Bit.LEASE_OVER
    host.ok("CLEAR")
    assert host.status()["faults"] == Bit.LEASE_OVER
    host.arm()
    assert host.status()["faults"] == 0


@pytest.mark.parametrize(
    ("watchdog_ms", "most_ms", "asked_ms", "kept_ms"),
    [(None, 500, 300, 300), (250, 250, 250, 250), (250, 250, 100, 100), (40, 100, 100, 40), (2_000, 500, 500, 2_000)],
)
def test_the_watchdog_time_is_the_longest_lease(watchdog_ms: int | None, most_ms: int, asked_ms: int, kept_ms: int) -> None:
    host = Host(watchdog_ms=watchdog_ms)
    assert host.ok("CAPABILITIES")["lease_max_ms"] == most_ms
    if most_ms < 500:
        assert host.result("ARM", lease_ms=most_ms + 1) == (Result.NOT_CAPABLE, 0)
    host.arm(asked_ms)
    assert host.wait(kept_ms * 1000 - 1) == []
    assert len(host.wait(kept_ms * 1000)) == 1
