"""What only a fresh process shows: how pyserial finds the URL, and what is in the oscilloscope's file."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial

from firmware_sim.serial_urls import HANDLER, Serial
from tests.unit.firmware_sim_testing.program import ANSWER_S, start


def script(text: str, *arguments: str) -> str:
    """Runs it as a program of its own; what it printed."""
    command = [sys.executable, "-W", "error", "-c", text, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_import_teaches_pyserial_the_url_and_takes_nothing_away() -> None:
    printed = script("""
import serial
try:
    serial.serial_for_url("ems-sim://p24")
except ValueError as error:
    print(error)
import firmware_sim.serial_urls
import firmware_sim.serial_urls
print(serial.serial_for_url("ems-sim://p24").is_open)
print(serial.serial_for_url("loop://").is_open)
print(serial.protocol_handler_packages)
try:
    serial.serial_for_url("ems-car://p24")
except ValueError as error:
    print(error)
""")
    assert printed.splitlines() == [
        "invalid URL, protocol 'ems-sim' not known",
        "True",
        "True",
        "['serial.urlhandler', 'firmware_sim.serial_urls']",
        "invalid URL, protocol 'ems-car' not known",
    ]


def test_the_handler_has_the_name_that_pyserial_asks_for() -> None:
    asked_for: list[str] = []
    original = serial.importlib.import_module  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            serial.importlib,  # type: ignore[attr-defined]
            "import_module",
            lambda name, package=None: asked_for.append(f"{package or ''}{name}") or original(name, package),
        )
        serial.serial_for_url("ems-sim://p24").close()
    assert asked_for[-1] == HANDLER


def test_the_file_is_whole_though_the_program_ends_without_a_word(tmp_path: Path) -> None:
    file = tmp_path / "scope file.jsonl"
    script(
        """
import sys, urllib.parse, serial, firmware_sim.serial_urls
from tests.unit.firmware_sim_testing.program import start
port = serial.serial_for_url("ems-sim://p24?scope=" + urllib.parse.quote(sys.argv[1]), timeout=10)
start(port)
""",
        str(file),
    )
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0]["amplitude_ua"] == 20_000
    assert lines[-1]["amplitude_ua"] == 0
    on_us = lines[-1]["t_us"] - lines[0]["t_us"]
    assert sum(line["pulses"] for line in lines) == -(-on_us // 20_000)


def test_a_program_ends_though_a_thread_of_it_is_reading() -> None:
    script("""
import threading, serial, firmware_sim.serial_urls
from firmware_sim.testing import Bench
port = serial.serial_for_url("ems-sim://p24")
threading.Thread(target=port.read, daemon=True).start()
import sys
if sys.platform != "win32":
    bench = Bench()
    path = bench.switch_on("rehastim2").pty
""")


def test_the_file_grows_while_the_program_does_something_else(tmp_path: Path) -> None:
    file = tmp_path / "scope.jsonl"
    with Serial(f"ems-sim://p24?watchdog_ms=900&scope={file}", timeout=ANSWER_S) as port:
        start(port)
        end = time.monotonic() + ANSWER_S
        while len(lines := [json.loads(line) for line in file.read_text().splitlines()]) < 2 or lines[-1]["amplitude_ua"]:
            assert time.monotonic() < end, "nobody looks at the port, and still the watchdog is written down"
            time.sleep(0.01)
    assert lines[-1]["t_us"] - lines[0]["t_us"] == 900_000
    assert len(lines) >= 6, "every 50 ms while on, when the machine is not busy"
