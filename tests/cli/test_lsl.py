"""`emscontrol lsl`: what it refuses. What it sends is read back in tests/pty/test_lsl.py."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from emscontrol.session.endpoint import Endpoint
from emscontrol.session.runtime import runtime_folder
from tests.cli.command import USAGE, Command
from tests.pty.rig import short_folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Short enough for a socket in it."""
    with short_folder() as folder:
        yield folder


def test_a_library_that_is_missing_is_named_with_what_installs_it(emscontrol: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    said = emscontrol("lsl", "--wait")
    assert (said.code, said.out, "emscontrol[lsl]" in said.err) == (USAGE, "", True)


def test_kept_on_this_computer_it_is_announced_nowhere_else() -> None:
    """Looked up in the kernel's list of this process's sockets: discovery is at port 16571, streams where a firewall knows."""
    code = """
import contextlib, os, socket
from emscontrol.core.errors import UsageError
from emscontrol.cli.lsl_streams import Streams, on_this_computer
with on_this_computer():
    streams = Streams(None)
assert "LSLAPICFG" not in os.environ
print(os.getpid())
input()
taken = []
for port in range(16572, 16604):
    taken.append(socket.socket())
    with contextlib.suppress(OSError):
        taken[-1].bind(("", port))
        taken[-1].listen()
try:
    Streams(None)
except UsageError as problem:
    print(problem.remedy)
"""
    environment = {name: value for name, value in os.environ.items() if name != "LSLAPICFG"}
    with subprocess.Popen([sys.executable, "-c", code], stdin=PIPE, stdout=PIPE, text=True, env=environment) as watched:
        assert watched.stdout is not None
        own = Path("/proc") / watched.stdout.readline().strip()
        sockets = {os.readlink(each) for each in (own / "fd").iterdir()}
        rows = [line.split() for kind in ("udp", "udp6") for line in (own / "net" / kind).read_text().splitlines()[1:]]
        found = [row[1].split(":") for row in rows if f"socket:[{row[9]}]" in sockets]
        said, _ = watched.communicate("\n", timeout=30)
    assert "a free port of 16572 to 16603" in said, "no other port is opened"
    assert {int(port, 16) for _, port in found} <= {0, *range(16571, 16604)}
    assert {address for address, port in found if int(port, 16) == 16571} == {"0100007F"}, "127.0.0.1"


def test_of_several_sessions_one_must_be_chosen(emscontrol: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = runtime_folder(str(tmp_path / "home"))
    engine = Endpoint(folder, "p24@sim")
    try:
        known = json.loads((folder / f"engine-{os.getpid()}.json").read_text())
        (folder / "engine-1.json").write_text(json.dumps(known | {"pid": 1, "device": "rehastim2@sim"}))
        (folder / "engine-2.json").write_text(json.dumps(known | {"pid": 2, "path": str(folder / "gone.sock")}))
        said = emscontrol("lsl")
        assert (said.code, said.out) == (USAGE, "")
        assert "rehastim2@sim (engine 1)" in said.err
        assert f"p24@sim (engine {os.getpid()})" in said.err
        assert "(engine 2)" not in said.err, "what a dead engine left behind"
        said = emscontrol("lsl", "--engine", 2)
        assert (said.code, "No session is running." in said.err) == (USAGE, True)
        monkeypatch.setitem(sys.modules, "pylsl", None)
        assert "emscontrol[lsl]" in emscontrol("lsl", "--engine", 1).err, "the one that was chosen is not the trouble"
    finally:
        engine.close()
