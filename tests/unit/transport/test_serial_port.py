"""Serial ports on real pseudo-terminals: what the person with the electrodes relies on when the far end misbehaves."""

import fcntl
import os
import select
import socket
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from emscontrol.core.budget import T_TICK_GAP, T_WRITE
from emscontrol.core.errors import LinkBusy, LinkError, LinkLost, UsageError
from emscontrol.transport.serial_port import PortSettings, SerialStream, open_port

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

SETTINGS = PortSettings(baud=460_800)
WAIT_S = 5.0
TIOCGEXCL = 0x80045440  # asm-generic/ioctls.h: whether the terminal is in exclusive mode


@dataclass
class Pty:
    master: int
    path: str

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1


@pytest.fixture
def pty() -> Iterator[Pty]:
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    os.close(slave)
    end = Pty(master, path)
    yield end
    if end.master >= 0:
        os.close(end.master)


@pytest.fixture
def stream(pty: Pty) -> Iterator[SerialStream]:
    stream = open_port(pty.path, SETTINGS)
    yield stream
    stream.close()


def read_some(stream: SerialStream) -> bytes:
    """What arrives within WAIT_S, waiting on the descriptor as the engine does."""
    select.select([stream.fileno()], [], [], WAIT_S)
    return stream.read()


def fill(stream: SerialStream, size: int = 512) -> float:
    """Write until the far end, which does not read, is felt; how long the last write took, in seconds."""
    while True:
        begun = time.monotonic()
        try:
            stream.write(b"\x55" * size)
        except LinkLost:
            raise
        except LinkError:
            return time.monotonic() - begun


def test_bytes_travel_both_ways(stream: SerialStream, pty: Pty) -> None:
    stream.write(bytes(range(256)))
    assert os.read(pty.master, 1000) == bytes(range(256))
    os.write(pty.master, bytes(range(255, -1, -1)))
    got = b""
    while len(got) < 256:
        got += read_some(stream)
    assert got == bytes(range(255, -1, -1))


def test_read_never_waits(stream: SerialStream) -> None:
    begun = time.monotonic()
    assert all(stream.read() == b"" for _ in range(20))
    assert time.monotonic() - begun < 0.1


def test_a_pulled_cable_is_a_lost_link_at_once(stream: SerialStream, pty: Pty) -> None:
    pty.hang_up()
    with pytest.raises(LinkLost, match=r"hung up.*[Pp]ull the leads"):
        stream.read()
    with pytest.raises(LinkLost):
        stream.write(b"\x01")
    with pytest.raises(LinkLost):
        stream.discard_output()
    stream.close()
    stream.close()


def test_a_device_that_stops_reading_is_given_up_within_the_budget(stream: SerialStream) -> None:
    cpu = time.process_time()
    took = fill(stream)
    assert T_WRITE / 1000 <= took < T_TICK_GAP / 1000
    assert time.process_time() - cpu < 0.08, "spinning"


def test_stop_goes_out_alone_after_a_discard(stream: SerialStream, pty: Pty) -> None:
    fill(stream)
    stream.discard_output()
    stream.write(b"STOP")
    got = b""
    while select.select([pty.master], [], [], 0.05)[0]:
        got += os.read(pty.master, 65_536)
    assert got.endswith(b"STOP")
    # what the discard cannot reach is what the far end's own buffer had taken already
    assert len(got) <= 4096 + len(b"STOP")


def test_stale_bytes_are_not_taken_for_an_answer(pty: Pty) -> None:
    holder = os.open(pty.path, os.O_RDWR | os.O_NOCTTY)  # keeps the terminal alive meanwhile
    os.write(pty.master, b"left over")
    stream = open_port(pty.path, SETTINGS)
    os.write(pty.master, b"new")
    assert read_some(stream) == b"new"
    stream.close()
    os.close(holder)


def test_a_second_opener_is_refused(stream: SerialStream, pty: Pty) -> None:
    with pytest.raises(LinkBusy, match="in use"):
        open_port(pty.path, SETTINGS)


def test_a_second_process_is_refused_and_after_the_first_is_gone_let_in(pty: Pty) -> None:
    code = (
        "import sys; from emscontrol.transport.serial_port import *\n"
        "s = open_port(sys.argv[1], PortSettings(9600)); print('open', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", code, pty.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == b"open\n"
        with pytest.raises(LinkBusy):
            open_port(pty.path, SETTINGS)
    finally:
        child.kill()
        child.communicate(timeout=WAIT_S)
    open_port(pty.path, SETTINGS).close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_port_is_marked_exclusive_while_open_and_not_after(pty: Pty) -> None:
    holder = os.open(pty.path, os.O_RDWR | os.O_NOCTTY)
    marked = lambda: fcntl.ioctl(holder, TIOCGEXCL, b"\0\0\0\0") != b"\0\0\0\0"  # noqa: E731
    stream = open_port(pty.path, SETTINGS)
    assert marked()
    stream.close()
    assert not marked()
    os.close(holder)


def test_close_does_not_hang_on_bytes_that_nobody_takes(stream: SerialStream) -> None:
    fill(stream)
    begun = time.monotonic()
    stream.close()
    assert time.monotonic() - begun < T_WRITE / 1000 + 0.2


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("/dev/no-such-port", LinkError, "no port"),
        ("nonsense://x", UsageError, "cannot be opened"),
        ("socket://127.0.0.1", UsageError, r"socket://HOST:PORT"),
        ("socket://127.0.0.1:", UsageError, r"socket://HOST:PORT"),
        ("socket://:5000", UsageError, r"socket://HOST:PORT"),
        ("socket://127.0.0.1:70000", UsageError, r"socket://HOST:PORT"),
        ("socket://[::1]", UsageError, r"socket://HOST:PORT"),
        ("rfc2217://localhost?timeout=1", UsageError, r"rfc2217://HOST:PORT"),
        ("/dev/null", LinkError, "cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_said_plainly(url: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        open_port(url, SETTINGS)


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(LinkError, match="cannot be opened"):
            open_port(f"socket://127.0.0.1:{bound.getsockname()[1]}", SETTINGS)


NOBODY = 65534


def test_a_port_without_rights(tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch(mode=0)
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)  # root may use everything
    try:
        with pytest.raises(LinkError, match="may not use"):
            open_port(str(port), SETTINGS)
    finally:
        os.seteuid(before)


def test_a_url_that_leads_to_a_local_port_is_locked_too(pty: Pty) -> None:
    stream = open_port(f"spy://{pty.path}", SETTINGS)
    with pytest.raises(LinkBusy):
        open_port(pty.path, SETTINGS)
    stream.close()


def test_over_a_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = open_port(f"socket://127.0.0.1:{server.getsockname()[1]}", SETTINGS)
        far, _ = server.accept()
        with far:
            far.settimeout(WAIT_S)
            stream.write(b"ask")
            assert far.recv(10) == b"ask"
            far.sendall(b"answer")
            assert read_some(stream) == b"answer"
            stream.discard_output()
            assert stream.read() == b""
        with pytest.raises(LinkLost):
            read_some(stream)
        stream.close()


def test_over_a_socket_nobody_reads() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = open_port(f"socket://127.0.0.1:{server.getsockname()[1]}", SETTINGS)
        far, _ = server.accept()
        with far:
            assert fill(stream, 65_536) < T_TICK_GAP / 1000
            stream.close()


def test_a_loop() -> None:
    stream = open_port("loop://", SETTINGS)
    assert stream.fileno() is None
    stream.write(b"round")
    assert stream.read() == b"round"
    stream.close()
