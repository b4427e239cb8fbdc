"""The lines between an engine and its clients: one JSON object each, described in docs/engine-protocol.md.

`REQUESTS` is the whole vocabulary of a client. A line that does not fit it is answered with an error and changes nothing;
a line that asks to stop is obeyed whatever else is wrong with it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emscontrol.core.arguments import printable
from emscontrol.core.errors import EmsError, UsageError
from emscontrol.core.events import Event, make
from emscontrol.session.inputs import Adjust, Answer, Arm, Check, Clear, Close, Connect, Input, Note, Pause, Resume, Start, Stop

VERSION: Final = 1
LINE_MAX: Final = 64 * 1024
NAME_MAX: Final = 80
ALARM_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One verb: who may use it, which fields it needs, what the engine gets."""

    operator_only: bool
    fields: Mapping[str, type]
    build: Callable[[Mapping[str, Any], str], Input | None]


def _stop(fields: Mapping[str, Any], who: str) -> Input:
    return Stop(who=str(fields.get("who", who))[:NAME_MAX], cause=str(fields.get("cause", "asked for"))[:NAME_MAX])


def _seen(fields: Mapping[str, Any], who: str) -> Input:
    return Note(make("alarm_seen", who=who, alarm=printable(fields["alarm"][:ALARM_MAX])))


REQUESTS: Final[Mapping[str, Request]] = {
    "hello": Request(False, {"role": str, "name": str, "version": int}, lambda _, who: None),
    "beat": Request(False, {}, lambda _, who: None),
    "connect": Request(True, {}, lambda _, who: Connect()),
    "arm": Request(True, {}, lambda _, who: Arm()),
    "start": Request(True, {}, lambda _, who: Start(who)),
    "pause": Request(False, {}, lambda _, who: Pause(who)),
    "resume": Request(True, {}, lambda _, who: Resume(who)),
    "adjust": Request(True, {"channel": int, "delta_ua": int}, lambda f, who: Adjust(f["channel"], f["delta_ua"])),
    "answer": Request(True, {"channel": int, "word": str}, lambda f, who: Answer(f["channel"], f["word"], who)),
    "check": Request(True, {"channel": int}, lambda f, who: Check(f["channel"])),
    "seen": Request(True, {"alarm": str}, _seen),
    "clear": Request(True, {}, lambda _, who: Clear()),
    "close": Request(True, {}, lambda _, who: Close()),
    "stop": Request(False, {}, _stop),
}


def asks_to_stop(line: bytes) -> bool:
    """True for every line that can be meant as a stop: a bare word, or any object with it as its verb."""
    if line.strip().strip(b'"').upper() == b"STOP":
        return True
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return b'"do":"stop"' in line.replace(b" ", b"")
    return isinstance(data, dict) and data.get("do") == "stop"


def parse(line: bytes) -> tuple[str, Mapping[str, Any]]:
    """(verb, fields) of one line. Raises UsageError with what would be right."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise UsageError("A request is one JSON object on a line.", 'For example {"do": "stop"}.') from problem
    verb = data.get("do") if isinstance(data, dict) else None
    if not isinstance(verb, str) or verb not in REQUESTS:
        raise UsageError(f"Unknown request {verb!r}.", f"Known: {', '.join(REQUESTS)}.")
    for name, kind in REQUESTS[verb].fields.items():
        if type(data.get(name)) is not kind:
            raise UsageError(f"Request {verb} needs {name} as {kind.__name__}.")
    return verb, data


def hello_line(pid: int, device: str, journal: str, simulated: bool) -> bytes:
    """The engine's greeting."""
    return _line(
        {"type": "hello", "version": VERSION, "pid": pid, "device": device, "journal": journal, "simulated": simulated}
    )


def event_line(event: Event, t_us: int) -> bytes:
    """An event as clients see it."""
    return _line(
        {
            "type": "event",
            "t_us": t_us,
            "event": event.kind,
            "severity": event.severity.value,
            "sentence": event.sentence(),
            "args": dict(event.args),
        }
    )


def view_line(view: Mapping[str, object]) -> bytes:
    """What a screen shows, ten times a second."""
    return _line({"type": "view", **view})


def error_line(verb: str, problem: EmsError) -> bytes:
    """A request that was refused; nothing has changed."""
    return _line({"type": "error", "do": verb, "what": problem.what, "remedy": problem.remedy})


def closed_line(result: str, reason: str, journal: str, unknown: bool) -> bytes:
    """The last line: the session is over."""
    return _line({"type": "closed", "result": result, "reason": reason, "journal": journal, "output_unknown": unknown})


def _line(data: Mapping[str, object]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"
