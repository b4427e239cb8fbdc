"""One engine process seen from the screen: starting it, listening to it, asking it for something.

A thread starts the engine and listens; it never speaks, except to obey a STOP that was pressed while the engine started. The
lease is renewed by the screen's own loop, so a screen that hangs loses it.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from textual.message import Message

from emscontrol.core.errors import EmsError, StorageError
from emscontrol.session.handle import EngineHandle, running_engines, start_engine
from emscontrol.session.messages import VERSION
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.messages import EngineClosed, EngineGone, EngineReady, EngineRefused, message_of
from emscontrol.tui.stop_road import StopRoad

LOOK_S: Final = 0.25
JOIN_S: Final = 2.0
LAST_LOOKS: Final = 20  # after the connection ended: what is still unread
LAST_LOOK_S: Final = 0.05


class EngineLink:
    """`post` takes messages from any thread. `over` is True when there is no engine (any more) that could be stopped.

    `heard_s` is when it was last heard, on the monotonic clock, stamped in the listening thread: a screen that hung for a while
    does not mistake its own pause for the engine's.
    """

    def __init__(self, spec: SessionSpec, name: str, road: StopRoad, post: Callable[[Message], object]) -> None:
        self._spec = spec
        self._name = name
        self._road = road
        self._post = post
        self._handle: EngineHandle | None = None
        self._hung_up = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="engine-listener", daemon=True)
        self.over = False
        self.heard_s = 0.0

    def open(self) -> None:
        """Start the engine; `EngineReady` or `EngineRefused` follows. STOP counts from here on."""
        self._road.expect()
        self._thread.start()

    def say(self, verb: str, **fields: object) -> None:
        """Ask for something."""
        if self._handle is not None and not self.over:
            self._handle.say(verb, **fields)

    def beat(self) -> None:
        """Renew the lease. Only the screen's event loop may call this."""
        self.say("beat")

    def stop(self, words: str) -> None:
        """The second road of a STOP."""
        self._road.pressed = self._road.pressed or words
        self.say("stop", who="operator", cause=words)

    def hang_up(self) -> None:
        """Leave: an engine that still runs stops."""
        self._hung_up = True
        if self._handle is not None and not self.over:
            self._handle.say("stop", who="operator", cause="the screen was closed")

    def wait(self) -> None:
        """Give the engine a moment to close its journal."""
        self._thread.join(JOIN_S)

    # -- in the listening thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            handle = start_engine(self._spec, self._name)
        except EmsError as problem:
            self._refuse(problem)
            return
        except OSError as problem:
            self._refuse(StorageError(f"The engine process cannot be started: {problem.strerror or problem}."))
            return
        self._handle = handle
        self._road.open(self._second_connection(handle), handle)
        if self._road.pressed or self._hung_up:
            handle.say("stop", who="operator", cause=self._road.pressed or "the screen was closed")
        self._post(EngineReady(handle.pid, self._road.sock is not None))
        self._listen(handle)
        self._finish(handle)

    def _refuse(self, problem: EmsError) -> None:
        self.over = True
        self._road.close()
        self._post(EngineRefused(problem))

    def _second_connection(self, handle: EngineHandle) -> socket.socket | None:
        address = next((a for a in running_engines(self._spec.home) if a.pid == handle.pid), None)
        if address is None:
            return None
        try:
            sock = address.connect(JOIN_S)
        except OSError:
            return None
        name = f"{self._name}, STOP"
        EngineHandle(sock).say("hello", role="watcher", name=name, version=VERSION, secret=address.secret)
        return sock

    def _listen(self, handle: EngineHandle) -> None:
        while not handle.gone:
            sources = [source for source in (handle, self._road.sock) if source is not None]
            with contextlib.suppress(OSError, ValueError):
                select.select(sources, [], [], LOOK_S)
            self._road.drain()
            self._hear(handle, 0)
        for _ in range(LAST_LOOKS):
            if self._closed:
                return
            self._hear(handle, LAST_LOOK_S)

    def _hear(self, handle: EngineHandle, wait_s: float) -> None:
        for line in handle.messages(wait_s):
            self.heard_s = time.monotonic()
            message = message_of(line)
            if message is None:
                continue
            if isinstance(message, EngineClosed):
                self._closed = self.over = True
            self._post(message)

    def _finish(self, handle: EngineHandle) -> None:
        self.over = True
        self._road.close()
        exit_code = handle.close()
        if not self._closed:
            self._post(EngineGone(exit_code))
