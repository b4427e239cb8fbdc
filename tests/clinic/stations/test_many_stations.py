"""Ten stations at once on one book: a short run of the bench, which says what does not add up."""

import subprocess
import sys
from pathlib import Path

from tests.clinic.postgresql import Server

BENCH = Path(__file__).parents[3] / "bench" / "stations.py"


def test_ten_stations_at_once_lose_nothing_and_do_nothing_twice(server: Server) -> None:
    server.statement("CREATE DATABASE many_stations")
    words = [sys.executable, BENCH, "--stations", "10", "--seconds", "3", "--url", server.url("many_stations")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=100)
    server.statement("DROP DATABASE many_stations WITH (FORCE)")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing lost, nothing twice" in done.stdout
    for what in ("edit a patient", "edit a plan", "book", "hold", "hand in"):
        (line,) = (line for line in done.stdout.splitlines() if line.startswith(what + "  "))
        assert int(line[len(what) :].split()[0]) > 0, line
