"""The pytest plugin, as other people's test suites meet it."""

import sys

import pytest

pytest_plugins = "pytester"

QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
PROGRAM = """
import pytest, serial
from firmware_sim.registry import codec

def status(port):
    port.write(codec("p24").encode("get_stim_status", {}))
    return codec("p24").decode(port.read_until(b"\\x0f"), "device")[0].params["stim_status"]

def start(port):
    points = [[200, 20], [100, 0], [200, -20]]
    for command, data in (
        ("ml_init", {"stop_all_on_error": False}),
        ("ml_update", {"channels": [{"channel": 0, "period_ms": 20, "ramp": 0, "points": points}]}),
    ):
        port.write(codec("p24").encode(command, data))
        port.read_until(b"\\x0f")
"""


def test_the_fixtures_serve_a_program_by_url_and_by_path(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        PROGRAM
        + """
def test_by_url(ems_simulator, ems_scope):
    device = ems_simulator("p24", watchdog_ms=60, seed=3)
    with serial.serial_for_url(device.url, timeout=5) as port:
        start(port)
        assert ems_scope.current_now_ua(1) == 20_000
        ems_scope.wait_for(lambda scope: scope.is_zero)
    assert ems_scope.totals(1).pulses == 3

def test_with_somebody(ems_simulator, ems_body):
    with serial.serial_for_url(ems_simulator("p24", body="stroke").url, timeout=5) as port:
        start(port)
        ems_body.wait_for(lambda body: body.said)
    assert ems_body.about

@pytest.mark.skipif("sys.platform == 'win32'")
def test_by_path(ems_scope, ems_simulator):
    with serial.Serial(ems_simulator("p24").pty, timeout=5) as port:
        start(port)
        assert ems_scope.current_now_ua(1) == 20_000
"""
    )
    pytester.runpytest(*QUIET).assert_outcomes(passed=3)


def test_every_test_begins_with_nothing_switched_on_even_after_one_that_failed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        PROGRAM
        + """
from firmware_sim.serial_urls import outlets

def test_fails(ems_simulator):
    port = serial.serial_for_url(ems_simulator("p24").url, timeout=5)
    test_fails.port = port
    start(port)
    assert status(port) == "not this"

def test_begins_anew(ems_simulator, ems_scope):
    assert not outlets._ON
    with pytest.raises(serial.SerialException, match="switched off"):
        test_fails.port.write(b"x")
    with serial.serial_for_url(ems_simulator("p24").url, timeout=5) as port:
        assert status(port) == 0
    assert ems_scope.lines == []
"""
    )
    pytester.runpytest(*QUIET).assert_outcomes(passed=1, failed=1)


def test_a_test_on_its_own_sets_nothing_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_of_somebody_else(): pass")
    result = pytester.runpytest(*QUIET, "--setup-show")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*ems_*")


def test_it_imports_nothing_for_those_who_do_not_use_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import sys
def test_of_somebody_else():
    assert {name for name in sys.modules if name.startswith("firmware_sim")} == {"firmware_sim", "firmware_sim.pytest_plugin"}
    assert "serial" not in sys.modules
"""
    )
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=1)


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_uses_it(ems_simulator): pass")
    result = pytester.runpytest_subprocess(*QUIET, "-p", "no:ems-simulators")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*fixture 'ems_simulator' not found*")


def test_it_runs_in_several_processes_at_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        PROGRAM
        + """
@pytest.mark.parametrize("number", range(6))
def test_many(ems_simulator, ems_scope, number):
    with serial.serial_for_url(ems_simulator("p24").url, timeout=5) as port:
        start(port)
        assert len(ems_scope.lines) == 1
"""
    )
    pytester.runpytest_subprocess(*QUIET, "-p", "xdist", "-n", "2").assert_outcomes(passed=6)


def test_the_fixtures_say_what_they_are_for(pytester: pytest.Pytester) -> None:
    listed = pytester.runpytest(*QUIET, "--fixtures").stdout.str()
    for words in (
        "ems_simulator -- ",
        "Switches on a simulated muscle stimulator",
        "ems_scope -- ",
        "The oscilloscope on",
        "ems_body -- ",
    ):
        assert words in listed


def test_the_entry_point_is_installed() -> None:
    from importlib.metadata import entry_points

    (plugin,) = entry_points(group="pytest11", name="ems-simulators")
    assert plugin.value == "firmware_sim.pytest_plugin"
    assert "firmware_sim.pytest_plugin" in sys.modules
