"""Where an engine listens: for this user alone, announced while it lives, gone afterwards."""

import contextlib
import os
import socket
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from emscontrol.core.errors import StorageError, UsageError
from emscontrol.session.endpoint import Endpoint, read_address
from emscontrol.session.handle import running_engines, stop_engine, stop_engines
from emscontrol.session.runtime import runtime_folder
from emscontrol.session.spec import SessionSpec


def test_the_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    folder = runtime_folder(str(tmp_path / "home"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_can_use_is_refused(tmp_path: Path) -> None:
    folder = runtime_folder(str(tmp_path))
    folder.chmod(0o755)
    with pytest.raises(StorageError, match="chmod 700"):
        runtime_folder(str(tmp_path))


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="--home"):
        runtime_folder(str(tmp_path / "file"))


@pytest.mark.parametrize("unix", [True, False])
def test_an_engine_is_found_while_it_listens_and_not_afterwards(tmp_path: Path, unix: bool) -> None:
    folder = runtime_folder(str(tmp_path))
    endpoint = Endpoint(folder, "p24@sim", unix=unix)
    file = folder / f"engine-{os.getpid()}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert running_engines(str(tmp_path)) == [endpoint.address]
    assert bool(endpoint.address.secret) is not unix
    endpoint.address.connect(1.0).close()
    endpoint.close()
    assert running_engines(str(tmp_path)) == []
    assert stop_engine(endpoint.address, "test") == "not running"


def test_a_stop_is_sent_as_the_protocol_says_and_the_confirmation_is_read(tmp_path: Path) -> None:
    endpoint = Endpoint(runtime_folder(str(tmp_path)), "p24@sim")
    heard: list[bytes] = []

    def engine() -> None:
        endpoint.listener.setblocking(True)
        sock, _ = endpoint.listener.accept()
        heard.append(sock.recv(4096))
        sock.sendall(b'{"type":"event","event":"stop_confirmed"}\n')
        sock.close()

    thread = threading.Thread(target=engine)
    thread.start()
    assert stop_engine(endpoint.address, "test") == "stopped"
    thread.join(5)
    endpoint.close()
    assert b'"do": "stop"' in heard[0]


def test_an_engine_that_says_nothing_has_not_confirmed(tmp_path: Path) -> None:
    endpoint = Endpoint(runtime_folder(str(tmp_path)), "p24@sim")
    assert stop_engine(endpoint.address, "test", wait_s=0.2) == "unconfirmed"
    endpoint.close()


def test_frozen_engines_delay_neither_the_stop_of_the_next_one_nor_each_other(tmp_path: Path) -> None:
    endpoints = [Endpoint(runtime_folder(str(tmp_path / name)), "p24@sim") for name in ("a", "b", "c", "d")]
    addresses = [replace(endpoint.address, pid=pid) for pid, endpoint in enumerate(endpoints)]
    heard_s: list[float] = []

    def living_engine() -> None:
        endpoints[2].listener.setblocking(True)
        sock, _ = endpoints[2].listener.accept()
        sock.recv(4096)
        heard_s.append(time.monotonic())
        sock.sendall(b'{"type":"event","event":"stop_confirmed"}\n')
        sock.close()

    thread = threading.Thread(target=living_engine)
    thread.start()
    endpoints[3].close()
    began_s = time.monotonic()
    outcomes = stop_engines(addresses, "test", wait_s=1.0)
    took_s = time.monotonic() - began_s
    thread.join(5)
    for endpoint in endpoints[:3]:
        endpoint.close()
    assert outcomes == {0: "unconfirmed", 1: "unconfirmed", 2: "stopped", 3: "not running"}
    assert heard_s[0] - began_s < 0.5
    assert took_s < 1.5


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="a full queue is refused at once only on unix sockets")
def test_an_engine_whose_queue_is_full_is_not_called_absent(tmp_path: Path) -> None:
    endpoint = Endpoint(runtime_folder(str(tmp_path)), "p24@sim")
    waiting = []
    with contextlib.suppress(OSError):
        while len(waiting) < 100:
            waiting.append(endpoint.address.connect(0.1))
    assert stop_engine(endpoint.address, "test", wait_s=0.1) == "unconfirmed"
    for sock in waiting:
        sock.close()
    endpoint.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid":1,"device":"x","surprise":2}', "\x00"])
def test_a_file_that_is_no_address_is_nobody(tmp_path: Path, text: str) -> None:
    file = tmp_path / "engine-1.json"
    file.write_text(text, encoding="utf-8")
    assert read_address(file) is None


def test_a_session_travels_whole() -> None:
    spec = SessionSpec("p24@sim", "{}", "text µ", "00", {"1": 5}, faults=("dead_link@1",), watchdog_ms=7)
    assert SessionSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"device": 1}', '{"device":"p24@sim","nonsense":1}'])
def test_what_is_no_session_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        SessionSpec.from_json(text)
