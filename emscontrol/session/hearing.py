"""What the stimulator says, and what follows from it."""

from collections.abc import Callable, Mapping
from typing import Final

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.events import make
from emscontrol.core.stimulator import (
    Acked,
    Battery,
    Command,
    Connected,
    DeviceFault,
    ElectrodeFault,
    Impedance,
    LinkSilent,
    Noise,
    ReadBack,
    Refused,
    Telemetry,
    Uncertain,
)
from emscontrol.program.program import Program
from emscontrol.safety.gate import SafetyGate
from emscontrol.session.ending import Ending
from emscontrol.session.inputs import LinkFailed, Received
from emscontrol.session.measured import Measurements
from emscontrol.session.played import Played
from emscontrol.session.states import WATCHED, State, Trigger
from emscontrol.session.supervision import SETTLED_US, deviation

BATTERY_CRITICAL_PERCENT: Final = 10


class Hearing(Ending):
    """One handler for each kind of event that a driver makes of received bytes."""

    def __init__(self, program: Program, gate: SafetyGate, course: Played) -> None:
        super().__init__(program, gate, course)
        self._armed_at_us = 0
        self._in_force_since_us = 0
        self._measurements = Measurements()
        self._battery_percent: int | None = None  # None where it is not known, or there is none
        self._device_handlers: Mapping[type, Callable[..., None]] = {
            Connected: self._on_connected,
            Acked: self._on_acked,
            Refused: self._on_refused,
            Uncertain: self._on_uncertain,
            ReadBack: self._on_read_back,
            Telemetry: self._on_telemetry,
            Impedance: self._on_impedance,
            ElectrodeFault: self._on_electrode_fault,
            DeviceFault: self._on_device_fault,
            LinkSilent: self._on_link_silent,
            Battery: self._on_battery,
            Noise: self._on_noise,
        }

    def _received(self, given: Received, now_us: int) -> None:
        stops = self._stops
        for event in self._gate.receive(given.data, now_us):
            if stops != self._stops and isinstance(event, ReadBack | Telemetry):
                continue  # it was said before the stop that this very batch has led to
            self._device_handlers[type(event)](event, now_us)

    def _link_failed(self, given: LinkFailed, now_us: int) -> None:
        if self._state is State.FAULT and self._stop.link_lost:
            return
        self._stop.link_lost = True
        self._fault(make("link_lost", text=given.text, silent_us=0), f"link lost: {given.text}", now_us)

    def _on_connected(self, event: Connected, now_us: int) -> None:
        earlier, self._identity = self._identity or event.identity, event.identity
        self._tell(
            make(
                "connected",
                model=event.identity.model,
                serial=event.identity.serial,
                firmware=event.identity.firmware,
                protocol_version=event.identity.protocol_version,
            )
        )
        if earlier != event.identity:
            text = f"{event.identity.model} {event.identity.serial} answered where {earlier.model} {earlier.serial} was before"
            self._fault(make("device_fault", code=0, text=text), "another stimulator is on the port", now_us)
        elif self._state is State.IDLE:
            self._to(Trigger.HANDSHAKE, "the stimulator answered")
            self._fit_device(now_us)

    def _fit_device(self, now_us: int) -> None:
        try:
            self._gate.fit_device()
        except SafetyRefusal as refusal:
            self._fault(make("device_fault", code=0, text=str(refusal)), "the stimulator lacks a channel", now_us)

    def _on_acked(self, event: Acked, now_us: int) -> None:
        if event.command is Command.OUTPUTS:
            self._measurements.put_off(now_us)
            self._tell(make("acked", number=event.number))
        elif event.command is Command.PREPARE and self._state is State.CONNECTED:
            self._gate.arm(now_us)
            self._armed_at_us = now_us
            self._measurements.begin()
            self._to(Trigger.READY, "the stimulator is prepared")
            self._tell(make("armed", channels=sorted(self._program.trains)))
        elif event.command is Command.STOP and self._stop.pending:
            self._write(self._gate.read_back(now_us))

    def _on_refused(self, event: Refused, now_us: int) -> None:
        code = int(event.code)  # a driver may name its codes; an event takes plain numbers only
        told = make("refused_by_device", command=event.command.value, code=code, text=event.text, number=event.number)
        self._fault(told, f"the stimulator refused {event.command.value}: {event.text}", now_us)

    def _on_uncertain(self, event: Uncertain, now_us: int) -> None:
        if event.command is Command.STOP and (self._stop.unconfirmed or self._identity is None):
            return  # the stop is watched and repeated whatever the driver says
        told = make("uncertain", command=event.command.value, text=event.text, number=event.number)
        self._fault(told, f"no answer to {event.command.value}: {event.text}", now_us)

    def _on_read_back(self, event: ReadBack, now_us: int) -> None:
        if self._stop.pending:
            self._confirm(event, now_us)
            return
        steady_us = now_us - self._in_force_since_us
        watched_us = 0 if self._gate.busy or self._state not in WATCHED else steady_us
        flowing = self._flowing(now_us) if event.output_on is False else ()  # what nobody doubts is not worked out
        cause = deviation(event, self._gate.in_force, watched_us, flowing)
        if cause:
            self._fault(make("device_fault", code=0, text=cause), cause, now_us)

    def _on_telemetry(self, event: Telemetry, now_us: int) -> None:
        if self._state not in WATCHED or self._stop.pending:
            return
        if self._gate.busy:
            self._measurements.put_off(now_us)
        cause = self._measurements.deviation(event, now_us)
        if cause:
            self._fault(make("device_fault", code=0, text=cause), cause, now_us)
            return
        for told in self._measurements.worth_telling(event):
            self._tell(told)

    def _on_impedance(self, event: Impedance, now_us: int) -> None:
        self._tell(make("electrode_checked", channel=event.channel, ohm=event.ohm, text=event.text))

    def _flowing(self, now_us: int) -> list[int]:
        """Channels whose current has been at least one step of the device since before a report can have been made."""
        step_ua = self._program.capabilities.amplitude_step_ua
        return [
            output.channel
            for output in self._gate.in_force.channels
            if all(
                self._gate.amplitude_now_ua(output.channel, at_us) >= step_ua * output.train.waveform.recovery_ratio
                for at_us in (now_us - SETTLED_US, now_us)
            )
        ]

    def _on_electrode_fault(self, event: ElectrodeFault, now_us: int) -> None:
        where = f"channel {event.channel}" if event.channel else "a channel"
        self._fault(make("electrode_fault", channel=event.channel, text=event.text), f"electrode fault on {where}", now_us)

    def _on_device_fault(self, event: DeviceFault, now_us: int) -> None:
        self._fault(make("device_fault", code=int(event.code), text=event.text), event.text, now_us)

    def _on_link_silent(self, event: LinkSilent, now_us: int) -> None:
        if self._state in (State.FAULT, State.STOPPING) and self._stop.link_lost:
            return
        self._stop.link_lost = True
        text = "the stimulator does not answer"
        self._fault(make("link_lost", text=text, silent_us=event.silent_us), text, now_us)

    def _on_battery(self, event: Battery, now_us: int) -> None:
        told = make("battery", level_percent=event.level_percent)
        self._battery_percent = event.level_percent
        if event.level_percent < BATTERY_CRITICAL_PERCENT and self._state in WATCHED:
            self._fault(told, f"the stimulator's battery is at {event.level_percent} %", now_us)
        else:
            self._tell(told)

    def _on_noise(self, event: Noise, now_us: int) -> None:
        self._tell(make("link_noise", text=event.text))
