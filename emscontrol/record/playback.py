"""A session played from its record: at each moment what the screen of the session showed, from the lines alone.

What is told of current is what was commanded. Where the record does not say what the screen knew, it is told in the words
beside the figure here: a target that was a fraction of the motor threshold is the highest amplitude that was commanded so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from emscontrol.core.errors import JournalBroken
from emscontrol.measure.plan import plan_from_json
from emscontrol.program.program import Contraction, PhaseSpan
from emscontrol.program.standing import standing
from emscontrol.program.timing import schedule
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group, Reference
from emscontrol.record.known_zero import KnownZero
from emscontrol.record.line import Record
from emscontrol.record.reckon import Reckoner


@dataclass(frozen=True, slots=True)
class Plan:
    """What the opening record says was to happen. `end_us` is when the program is over, by its own clock."""

    phases: Sequence[PhaseSpan]
    contractions: Sequence[Contraction]
    end_us: int


class Playback:
    """Feed it the records in order with `take`; `view` has the keys of a view of the engine (`docs/engine-protocol.md`)."""

    def __init__(self) -> None:
        self.title = ""
        self.state = "idle"
        self.simulated = False
        self._zero = KnownZero()
        self._reckoner = Reckoner()
        self._plan: Plan | None = None  # None in a measurement
        self._labels: dict[int, str] = {}
        self._caps_ua: dict[int, int] = {}
        self._targets_ua: dict[int, int] = {}
        self._by_motor: set[int] = set()
        self._passed_us = 0
        self._running_from_us: int | None = None
        self._pending = False  # a stop was sent and not confirmed yet
        self._alarmed = False  # nor will it be soon
        self._link_lost = False
        self._result = ""
        self._reason = ""
        self._latched = ""

    def take(self, record: Record) -> None:
        """The next record."""
        kind, args = record.event.kind, cast("Mapping[str, Any]", record.event.args)
        self._reckoner.take(kind, args, record.t_us)
        self._zero.take(record.event.kind, record.event.args)
        if kind == "session_opened":
            self._open(args)
        elif kind in ("started", "resumed"):
            self._running_from_us = record.t_us
        elif kind in ("paused", "stop_sent"):
            self._passed_us, self._running_from_us = self._at_us(record.t_us), None
            self._pending = self._pending or kind == "stop_sent"
        elif kind == "adjusted":
            self._targets_ua[args["channel"]] = args["to_ua"]
            self._by_motor.discard(args["channel"])
        elif kind == "set_point":
            self._follow_motor(args["outputs"])
        else:
            self._end(kind, args)

    def view(self, now_us: int, at_end: bool = False, intact: bool = True) -> dict[str, Any]:
        """What was shown at this time, which is not before the last record; as plain values.

        `at_end` says that no record follows that stands. Nobody knows then what flowed from here on, unless the record is
        `intact` and the stimulator's last word was that nothing does; nor anywhere after what makes no sense as a session.
        """
        untold = self._reckoner.lost or (at_end and not (intact and self._zero.zero))
        return {
            "state": self.state,
            "output_unknown": untold or (self._pending and (self._alarmed or self._link_lost or bool(self._result))),
            "latched": self._latched,
            "result": self._result,
            "reason": self._reason,
            **self._course(now_us),
            "channels": {str(channel): self._channel(channel, now_us) for channel in sorted(self._labels)},
        }

    # -- what the opening says -----------------------------------------------------------------------------------------

    def _open(self, args: Mapping[str, Any]) -> None:
        protocol = self._reckoner.protocol
        self.simulated = bool(args["simulated"])
        self.title = protocol.title if protocol else str(args["protocol_id"])
        if protocol is None:
            self._labels = dict.fromkeys(_measured_on(args["protocol_compiled"]), self.title)
        else:
            self._plan = _plan(protocol, _figure(args["capabilities"], "period_step_us", 1))
            self._labels = {number: channel.label for number, channel in protocol.channels.items()}
            self._aim(protocol, args)
        for channel in self._labels:
            self._caps_ua[channel] = _figure(args["envelope"].get(str(channel)), "amplitude_max_ua", 0)

    def _aim(self, protocol: Protocol, args: Mapping[str, Any]) -> None:
        """The highest plateau of each channel, in the stimulator's steps, as far as it follows from the comfort level."""
        step_ua = _figure(args["capabilities"], "amplitude_step_ua", 1)
        groups = [(channel, group) for phase in protocol.phases for group in phase.groups for channel in group.channels]
        for channel, group in groups:
            if group.intensity.of is Reference.COMFORT:
                aimed_ua = int(group.intensity.fraction * _figure(args["comfort"], str(channel), 0))
                aimed_ua = _in_steps(aimed_ua, step_ua, group)
                self._targets_ua[channel] = max(aimed_ua, self._targets_ua.get(channel, 0))
            else:
                self._by_motor.add(channel)

    def _follow_motor(self, outputs: Sequence[Mapping[str, int]]) -> None:
        for row in outputs:
            if row["channel"] in self._by_motor:
                self._targets_ua[row["channel"]] = max(row["amplitude_ua"], self._targets_ua.get(row["channel"], 0))

    # -- how it ends ---------------------------------------------------------------------------------------------------

    def _end(self, kind: str, args: Mapping[str, Any]) -> None:
        if kind == "state_changed":
            self.state = args["to_state"]
            if self.state == "fault":
                self._latched = self._latched or args["cause"]
            elif args["from_state"] == "fault" and self.state != "ended":  # the cause has been seen and mended
                self._latched, self._link_lost = "", False
        elif kind == "stop_confirmed":
            self._pending = self._alarmed = False
        elif kind == "stop_unconfirmed":
            self._alarmed = True
        elif kind == "link_lost":
            self._link_lost = True
        elif kind == "session_ended":
            self._result, self._reason = args["result"], args["reason"]

    # -- where it stands -----------------------------------------------------------------------------------------------

    def _at_us(self, now_us: int) -> int:
        return self._passed_us + (0 if self._running_from_us is None else now_us - self._running_from_us)

    def _course(self, now_us: int) -> dict[str, Any]:
        at_us = self._at_us(now_us)
        if self._plan is not None:
            told = standing(self._plan.phases, self._plan.contractions, self._plan.end_us, at_us)
            return {**told, "question": None}
        given = sum(self._reckoner.contractions(channel) for channel in self._labels)
        flows = any(self._reckoner.amplitude_ua(channel, now_us) for channel in self._labels)
        doing = "hold" if flows else "wait for a word"
        return {
            "phase": self.title,
            "phase_index": 1,
            "phases": 1,
            "contraction": given,
            "contractions": 0,
            "doing": doing,
            "doing_left_us": 0,
            "next": "",
            "at_us": at_us,
            "left_us": 0,
            "text": f"{self.title}: {doing}",
            "question": None,
        }

    def _channel(self, channel: int, now_us: int) -> dict[str, Any]:
        return {
            "label": self._labels[channel],
            "amplitude_ua": self._reckoner.amplitude_ua(channel, now_us),
            "target_ua": self._targets_ua.get(channel, 0),
            "cap_ua": self._caps_ua[channel],
            "pulses": self._reckoner.pulses(channel, now_us),
            "contractions": self._reckoner.contractions(channel),
        }


def _plan(protocol: Protocol, step_us: int) -> Plan:
    spans, contractions = schedule(protocol)
    periods_us = [group.period_us for phase in protocol.phases for group in phase.groups]
    longest_us = max((-(-period_us // step_us) * step_us for period_us in periods_us), default=0)
    end_us = max((contraction.end_us for contraction in contractions), default=0) + longest_us
    return Plan(tuple(replace(span, end_us=min(span.end_us, end_us)) for span in spans), contractions, end_us)


def _in_steps(amplitude_ua: int, step_ua: int, group: Group) -> int:
    whole_ua = step_ua * max(1, group.recovery_ratio)
    return amplitude_ua // whole_ua * whole_ua


def _figure(facts: object, name: str, instead: int) -> int:
    """A figure of the opening record, which may hold anything."""
    value = facts.get(name) if isinstance(facts, dict) else None
    return value if type(value) is int and value > 0 else instead


def _measured_on(compiled: str) -> tuple[int, ...]:
    """The channel of a measurement, from the procedure that stands in place of a protocol; none of an electrode check."""
    try:
        return (plan_from_json(compiled).channel,)
    except JournalBroken:
        return ()
