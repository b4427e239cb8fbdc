"""What a running session means to a laboratory: markers, and what each channel is commanded. Pure; it hears what clients hear.

A marker has no code of a patient, no name and no text that a person wrote: its words are those of the tables here, its
figures counts and channels.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from emscontrol.core.vocabulary import EVENTS, EventKind
from emscontrol.record.exports.trace import Step, next_step
from emscontrol.session.states import State

CHANNELS: Final = 8  # of the stimulator with the most; a stream has as many from the beginning
EACH_CHANNEL: Final = "/ch{channel}"

MARKERS: Final[Mapping[str, str]] = {
    "phase_started": "phase/{index}",
    "contraction_started": "contraction/begin" + EACH_CHANNEL,
    "contraction_ended": "contraction/end" + EACH_CHANNEL,
    "adjusted": "adjusted" + EACH_CHANNEL,
    "asked": "step/{number}" + EACH_CHANNEL,
    "answered": "answer" + EACH_CHANNEL,
    "threshold_found": "threshold" + EACH_CHANNEL,
    "curve_point": "threshold" + EACH_CHANNEL,
    "stop_requested": "stop/requested",
    "stop_sent": "stop/sent",
    "stop_confirmed": "stop/confirmed",
    "session_ended": "session/ended",
}
"""By event. An alarm of any priority is `alarm/` and its event, a change of state `state/` and the new one; a contraction of
several channels is a marker for each.
"""
LOST: Final = "session/unknown"
"""The last marker where the engine is gone without a word: nobody knows what flows from here on."""

STATES: Final = frozenset(state.value for state in State)


class Marker(NamedTuple):
    """A moment of the engine's clock (µs) and what happened."""

    t_us: int
    text: str


class Levels(NamedTuple):
    """What all channels are commanded from a moment on (µA), channel 1 first."""

    t_us: int
    ua: tuple[int, ...]


class Narrator:
    """Feed it the messages of an engine in order."""

    def __init__(self) -> None:
        self._steps: dict[int, Step] = {}

    def hear(self, message: Mapping[str, Any]) -> Iterator[Marker | Levels]:
        """What this message is to a laboratory."""
        if message["type"] != "event":
            return
        kind, args, t_us = message["event"], message["args"], message["t_us"]
        for text in markers_of(kind, args):
            yield Marker(t_us, text)
        if kind == "set_point":
            self._set(args["outputs"], t_us)
            yield self.levels(t_us)
        elif kind == "stop_sent":
            self._steps = {}
            yield self.levels(t_us)

    def levels(self, t_us: int) -> Levels:
        """What is commanded at a moment; a contraction that the stimulator makes by itself has its ramps."""
        steps = self._steps
        return Levels(t_us, tuple(steps[c].at_ua(t_us) if c in steps else 0 for c in range(1, CHANNELS + 1)))

    @property
    def ramping(self) -> bool:
        """True while a stimulator makes contractions by itself, whose amplitude changes without another command."""
        return any(step.swell for step in self._steps.values())

    def forget(self, t_us: int) -> None:
        """Contractions of the stimulator's own that are over by now end by themselves."""
        self._steps = {c: step for c, step in self._steps.items() if step.swell is None or t_us < step.ends_us}

    def _set(self, outputs: Sequence[Mapping[str, int]], t_us: int) -> None:
        self._steps = {
            output["channel"]: next_step(
                self._steps.get(output["channel"]),
                t_us,
                output["amplitude_ua"],
                [output.get(name) for name in ("rise_us", "hold_us", "fall_us")],
            )
            for output in outputs
        }


def joined(hello: Mapping[str, Any]) -> str:
    """The first marker: from here on the session is told. A simulated stimulator is called one."""
    return "session/joined/simulated" if hello["simulated"] else "session/joined"


def markers_of(kind: str, args: Mapping[str, Any]) -> list[str]:
    """The markers of an event, none for most."""
    known = EVENTS.get(kind)
    if kind == "state_changed":
        return [f"state/{args['to_state']}"] if args["to_state"] in STATES else []
    template = MARKERS.get(kind) or (_alarm(known) if known and known.severity.is_alarm else "")
    if not template:
        return []
    if EACH_CHANNEL not in template:
        return [template.format_map(args)]
    channels = args.get("channels") or [args.get("channel")]
    return [template.format_map({**args, "channel": channel}) for channel in channels if channel is not None] or [
        template.removesuffix(EACH_CHANNEL)
    ]


def _alarm(row: EventKind) -> str:
    return f"alarm/{row.name}" + (EACH_CHANNEL if "channel" in row.args else "")
