"""What the session screen costs while a session runs, and how soon a key is answered on it.

A real pseudo-terminal of 120 by 40, an engine in real time, two channels, the chart of current growing. CPU time is that of the
screen's own process (/proc), the engine left out. A key is Up or Down, which moves the mark of the chosen channel; it is
answered when the mark stands on the terminal's screen, which this program keeps as a terminal emulator does.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.tui.terminal import Terminal  # noqa: E402

CHILD = """
import sys
from emscontrol.cli.bench import workbench
from emscontrol.tui import choices
from emscontrol.tui.app import Begin, EmsApp
from emscontrol.tui.house import Errand

class App(EmsApp):
    def on_ready(self):
        loaded = choices.load(sys.argv[2])
        spec = choices.session_spec(loaded, "reference@sim", {1: 20_000, 2: 20_000}, {}, sys.argv[1], choices.Rehearsal())
        self.begin_session(Errand(spec, lambda _: None))
        self.set_interval(0.1, self.go_on)

    def go_on(self):
        for state, verb in (("connected", "arm"), ("armed", "start")):
            if self.session is not None and self.session.engine_state == state:
                self.session.link.say(verb)

App(sys.argv[1], workbench(), Begin.SETUP).run()
"""
SECONDS = 20.0
KEYS = 200
UP, DOWN = b"\x1b[A", b"\x1b[B"
AIM_PERCENT, AIM_MS = 25, 60


def cpu_s(pid: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure and print; 1 when an aim is missed."""
    home = Path(tempfile.mkdtemp(prefix="screen-bench-"))
    protocol = ROOT / "protocols/acl-quadriceps.yaml"
    terminal = Terminal(["-c", CHILD, str(home), str(protocol)], 120, 40)
    try:
        terminal.wait_for("CURRENT ON", 30)
        begun_s, used_s = time.monotonic(), cpu_s(terminal.pid)
        while time.monotonic() - begun_s < SECONDS:
            terminal.pump(0.05)
        percent = (cpu_s(terminal.pid) - used_s) / (time.monotonic() - begun_s) * 100
        waits_ms = [answered_ms(terminal, number % 2) for number in range(KEYS)]
    finally:
        terminal.close()
    p99_ms = quantiles(waits_ms, n=100)[98]
    print(f"load average of this machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"screen, 120x40, chart growing: {percent:.1f} % of one core (aim below {AIM_PERCENT})")
    print(f"key to screen: median {sorted(waits_ms)[KEYS // 2]:.1f} ms, 99 % {p99_ms:.1f} ms of {KEYS} (aim below {AIM_MS})")
    return int(percent >= AIM_PERCENT or p99_ms >= AIM_MS)


def answered_ms(terminal: Terminal, up: int) -> float:
    """One key; the mark of the chosen channel is `>` before its number."""
    wanted = ">1 " if up else ">2 "
    terminal.pump(0.03)
    begun_s = time.monotonic()
    terminal.type(UP if up else DOWN)
    while wanted not in terminal.text:
        terminal.pump(0.001)
        if time.monotonic() - begun_s > 5:
            raise SystemExit(f"no answer:\n{terminal.text}")
    return (time.monotonic() - begun_s) * 1000


if __name__ == "__main__":
    sys.exit(main())
