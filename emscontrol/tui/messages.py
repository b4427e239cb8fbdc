"""What the engine says, as the screens receive it.

Views replace each other, so that a slow terminal skips pictures and loses no event.
"""

from collections.abc import Mapping
from typing import Any, Final

from textual.message import Message

from emscontrol.core.errors import EmsError


class EngineReady(Message):
    """The engine process runs and listens."""

    def __init__(self, pid: int | None, direct: bool) -> None:
        super().__init__()
        self.pid = pid
        self.direct = direct


class EngineRefused(Message):
    """The engine did not begin: a rule, the file, the device or the disk said no."""

    def __init__(self, problem: EmsError) -> None:
        super().__init__()
        self.problem = problem


class EngineSaid(Message):
    """One line of the engine, as docs/engine-protocol.md describes it."""

    def __init__(self, line: Mapping[str, Any]) -> None:
        super().__init__()
        self.line = line


class EngineGreeted(EngineSaid):
    """Its greeting: who it is, whether it is a simulation, where the journal is."""


class EngineEvent(EngineSaid):
    """Something happened."""


class EngineView(EngineSaid):
    """The picture of the session, ten times a second."""

    def can_replace(self, message: Message) -> bool:
        """A newer picture makes an older one useless."""
        return isinstance(message, EngineView)


class EngineObjected(EngineSaid):
    """A request was refused; nothing has changed."""


class EngineClosed(EngineSaid):
    """The last line: the session is over."""


class EngineGone(Message):
    """The engine ended without its last line. Nobody knows what the stimulator does."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__()
        self.exit_code = exit_code


_BY_TYPE: Final[Mapping[str, type[EngineSaid]]] = {
    "hello": EngineGreeted,
    "event": EngineEvent,
    "view": EngineView,
    "error": EngineObjected,
    "closed": EngineClosed,
}


def message_of(line: Mapping[str, Any]) -> EngineSaid | None:
    """The message for a line of the engine, None for a type that this release does not know."""
    kind = _BY_TYPE.get(str(line.get("type")))
    return kind(line) if kind else None
