"""The client's side: start an engine process, talk to it, stop it. Knows nothing of devices."""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from emscontrol.core.errors import EmsError, ExitCode, LinkBusy, ProtocolFileError, SafetyRefusal, StorageError, UsageError
from emscontrol.session.endpoint import Address, read_address
from emscontrol.session.messages import VERSION
from emscontrol.session.runtime import SOCKET_PATTERN, runtime_folder, runtime_place
from emscontrol.session.spec import SessionSpec

ENGINE_MODULE: Final = "emscontrol.wiring.engine_process"
ENGINE_LOG: Final = "engine.log"  # what Python itself says when an engine dies; no figure of a patient is ever in it
START_S: Final = 20.0
STOP_ANSWER_S: Final = 2.0

_REFUSALS: Final[Mapping[int, type[EmsError]]] = {
    ExitCode.REFUSED: SafetyRefusal,
    ExitCode.USAGE: UsageError,
    ExitCode.DEVICE: LinkBusy,
    ExitCode.INTERNAL: StorageError,
}


class EngineHandle:
    """A connection to one engine process."""

    def __init__(self, sock: socket.socket, process: "subprocess.Popen[bytes] | None" = None) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._process = process
        self._inbox = b""
        self.gone = False

    @property
    def pid(self) -> int | None:
        """The engine's process, when this handle started it."""
        return self._process.pid if self._process else None

    def fileno(self) -> int:
        """What to select on for messages."""
        return self._sock.fileno()

    def say(self, verb: str, **fields: object) -> None:
        """Send one request. Nothing is raised when nobody takes it: the engine's last words, which say why, may be unread.

        `gone` is set once those have been read.
        """
        line = json.dumps({"do": verb, **fields}).encode() + b"\n"
        with contextlib.suppress(OSError):
            self._sock.sendall(line)

    def beat(self) -> None:
        """Renew the lease."""
        self.say("beat")

    def messages(self, wait_s: float) -> Iterator[dict[str, Any]]:
        """Messages that are there or come within `wait_s` (0 = do not wait). Sets `gone` at the end of the connection."""
        with contextlib.suppress(OSError, ValueError):
            if not select.select([self._sock], [], [], wait_s)[0]:
                return
        data = self._receive()
        *lines, self._inbox = (self._inbox + data).split(b"\n")
        for line in lines:
            if line:
                yield json.loads(line)

    def _receive(self) -> bytes:
        try:
            data = self._sock.recv(1 << 16)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.gone = True
        return data

    def close(self, wait_s: float = 5.0) -> int | None:
        """Hang up (a running session stops) and wait for the process.

        Returns its exit code, None when it is not ours or still runs.
        """
        with contextlib.suppress(OSError):
            self._sock.close()
        if self._process is None:
            return None
        try:
            return self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            return None


def start_engine(spec: SessionSpec, name: str) -> EngineHandle:
    """Start an engine process for this session and connect as its operator.

    Raises what the engine refused with: SafetyRefusal, UsageError, LinkBusy, StorageError.
    """
    log = runtime_folder(spec.home) / ENGINE_LOG
    with log.open("ab") as errors:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module, nothing from outside
            [sys.executable, "-m", ENGINE_MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    if process.stdin is None or process.stdout is None:
        raise StorageError("The engine process has no pipes.")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(spec.to_json().encode() + b"\n")
        process.stdin.close()
    answer = _first_line(process, log)
    process.stdout.close()
    if "refused" in answer:
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:  # why it refused matters more than that it does not leave
            _put_away(process)
        raise _as_error(answer["refused"])
    try:
        address = Address(**answer["ready"])
        sock = address.connect(START_S)
    except OSError as problem:
        raise StorageError(f"The engine does not listen: {problem.strerror or problem}.") from problem
    except (KeyError, TypeError) as problem:
        raise _did_not_start(process, log) from problem
    handle = EngineHandle(sock, process)
    handle.say("hello", role="operator", name=name, version=VERSION, secret=address.secret)
    return handle


def _first_line(process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    out = process.stdout
    waits = out is not None and os.name == "posix"
    ready = bool(select.select([out.fileno()], [], [], START_S)[0]) if out is not None and waits else True
    line = out.readline() if ready and out is not None else b""
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError):
        raise _did_not_start(process, log) from None


def _did_not_start(process: "subprocess.Popen[bytes]", log: Path) -> StorageError:
    """End it: what it said is no answer."""
    code = _put_away(process)
    told = f"exit code {code}" if code is not None else "it cannot be ended either"
    return StorageError(f"The engine process did not start ({told}).", f"Its own words are in {log}.")


def _put_away(process: "subprocess.Popen[bytes]") -> int | None:
    """Kill it. Returns its exit code, None when it is stuck in a call of the system, as with a port that hangs."""
    process.kill()
    if process.stdout is not None:
        process.stdout.close()
    try:
        return process.wait(START_S)
    except subprocess.TimeoutExpired:
        return None


def _as_error(refused: Mapping[str, Any]) -> EmsError:
    problems = tuple(refused.get("problems", ()))
    if problems:
        return ProtocolFileError(refused["what"], problems, refused["remedy"])
    kind = _REFUSALS.get(refused["exit_code"], StorageError)
    error = kind(refused["what"], refused["remedy"])
    error.exit_code = ExitCode(refused["exit_code"])
    return error


def running_engines(home: str = "") -> list[Address]:
    """The engines of this user that have announced themselves."""
    files = sorted(runtime_place(home).glob(SOCKET_PATTERN))
    return [address for address in map(read_address, files) if address is not None]


def stop_engine(address: Address, who: str, wait_s: float = STOP_ANSWER_S) -> str:
    """Stop one engine from outside. Returns `stopped`, `unconfirmed` or `not running`."""
    return stop_engines([address], who, wait_s)[address.pid]


def stop_engines(addresses: Iterable[Address], who: str, wait_s: float = STOP_ANSWER_S) -> dict[int, str]:
    """Stop several: every stop is sent before any answer is waited for, and all of them share `wait_s`.

    Returns `stopped`, `unconfirmed` or `not running` by the process of the engine.
    """
    outcomes: dict[int, str] = {}
    asked: dict[int, EngineHandle] = {}
    for address in addresses:
        try:
            handle = EngineHandle(address.connect(wait_s))
        except (FileNotFoundError, ConnectionRefusedError):
            outcomes[address.pid] = "not running"
            continue
        except OSError:  # somebody listens and cannot be reached: nobody knows what it is doing
            outcomes[address.pid] = "unconfirmed"
            continue
        if address.secret:
            handle.say("hello", role="watcher", name=who, version=VERSION, secret=address.secret)
        handle.say("stop", who=who, cause="stop from another terminal")
        asked[address.pid] = handle
    return outcomes | _answers(asked, wait_s)


def _answers(asked: dict[int, EngineHandle], wait_s: float) -> dict[int, str]:
    """What each of them answers until the time is over; `unconfirmed` for those that do not."""
    outcomes = dict.fromkeys(asked, "unconfirmed")
    give_up_s = time.monotonic() + wait_s
    waiting = dict(asked)
    while waiting and (left_s := give_up_s - time.monotonic()) > 0:
        ready = select.select(list(waiting.values()), [], [], left_s)[0]
        for pid, handle in [(pid, handle) for pid, handle in waiting.items() if handle in ready]:
            answer = next(filter(None, map(_answer, handle.messages(0))), "")
            outcomes[pid] = answer or outcomes[pid]
            if answer or handle.gone:
                del waiting[pid]
    for handle in asked.values():
        handle.close()
    return outcomes


def _answer(message: Mapping[str, Any]) -> str:
    if message.get("event") == "stop_confirmed" or message.get("type") == "closed":
        return "unconfirmed" if message.get("output_unknown") else "stopped"
    return ""
