"""One controller a port."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emscontrol.core.errors import LinkBusy, LinkError
from emscontrol.transport.lock import PortLock, lock_path

CHILD = (
    "import sys; from pathlib import Path; from emscontrol.transport.lock import PortLock\n"
    "lock = PortLock(sys.argv[1], Path(sys.argv[2]), 'emscontrol run'); print('held', flush=True); sys.stdin.read()"
)


def test_the_second_process_is_told_who_was_first(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CHILD, "/dev/ttyX", str(tmp_path)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(LinkBusy) as refused:
            PortLock("/dev/ttyX", tmp_path, "emscontrol run")
        assert refused.value.holder == f"emscontrol run (process {child.pid})"
        assert refused.value.holder in str(refused.value)
        PortLock("/dev/ttyY", tmp_path, "emscontrol run").release()
    finally:
        child.kill()  # no clean-up: the lock must go with the process
        child.communicate(timeout=5)
    lock = PortLock("/dev/ttyX", tmp_path, "emscontrol run")
    lock.release()
    lock.release()


def test_released_locks_can_be_had_again_and_name_the_new_holder(tmp_path: Path) -> None:
    PortLock("COM3", tmp_path, "a long name of a program").release()
    held = PortLock("COM3", tmp_path, "short")
    with pytest.raises(LinkBusy, match=rf"short \(process {os.getpid()}\)"):
        PortLock("COM3", tmp_path, "other")
    held.release()


def test_a_port_has_one_lock_whatever_it_is_called(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    (tmp_path / "by-id").symlink_to(device)
    assert lock_path(str(tmp_path / "by-id"), tmp_path) == lock_path(str(device), tmp_path)
    assert lock_path("socket://a:1", tmp_path) != lock_path("socket://a:2", tmp_path)


@pytest.mark.parametrize("port", ["../../etc/passwd", "/", "x" * 500, "socket://[::1]:9/\x1b[2J", "a\udcffb"])
def test_a_lock_stays_in_its_folder(port: str, tmp_path: Path) -> None:
    path = lock_path(port, tmp_path)
    assert path.parent == tmp_path
    assert len(path.name) < 100
    PortLock(port, tmp_path, "p").release()


def test_the_folder_is_private_and_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "run" / "emscontrol"
    PortLock("COM3", folder, "p").release()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert lock_path("COM3", folder).stat().st_mode & 0o777 == 0o600
    victim = tmp_path / "victim"
    victim.write_text("keep")
    lock_path("COM4", folder).symlink_to(victim)
    with pytest.raises(LinkError):
        PortLock("COM4", folder, "p")
    assert victim.read_text() == "keep"


def test_one_that_has_the_lock_since_this_very_moment_is_named_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between taking the lock and writing its name a program can be interrupted for a while."""
    held = PortLock("/dev/ttyX", tmp_path, "emscontrol run")
    name = lock_path("/dev/ttyX", tmp_path).read_bytes()
    lock_path("/dev/ttyX", tmp_path).write_bytes(b"")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            lock_path("/dev/ttyX", tmp_path).write_bytes(name)

    monkeypatch.setattr("emscontrol.transport.lock.time.sleep", wait)
    with pytest.raises(LinkBusy) as refused:
        PortLock("/dev/ttyX", tmp_path, "emscontrol run")
    assert refused.value.holder == name.decode()
    lock_path("/dev/ttyX", tmp_path).write_bytes(b"")
    waits.extend([0.0] * 3)
    with pytest.raises(LinkBusy, match="another program"):
        PortLock("/dev/ttyX", tmp_path, "emscontrol run")
    assert sum(waits) < 1.0
    held.release()
