"""The stimulation unit: modes, channel list, single pulses, electrode test, emergency switch. No bytes, no link."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from firmware_sim.device import earliest
from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.output import OutputStage
from firmware_sim.rehastim2.channel_list import ChannelList, Group, Setup
from firmware_sim.rehastim2.pulses import OFF, ChannelOutput, Train
from firmware_sim.rehastim2.states import TRANSITIONS, Mode, Result, StimulationFault

_SET_POINTS: Final = frozenset({"StartChannelListMode", "SinglePulse"})


class Stimulation:
    """What the stimulation unit does with commands and with time. `emergency` is whether its switch is pressed."""

    def __init__(self, stage: OutputStage, faults: FaultSchedule) -> None:
        self.mode = Mode.START
        self.emergency = False
        self._stage: Final = stage
        self._faults: Final = faults
        self._outputs: Final = {channel: ChannelOutput(stage, channel) for channel in stage.channels}
        self._busy: list[ChannelOutput] = []  # those that make a train, or will; the others need no time
        self._list: ChannelList | None = None
        self._stuck = False
        self._errors: list[StimulationFault] = []
        self._now_us = 0
        self._handlers: Final[Mapping[str, Callable[[Mapping[str, Any], int], Result]]] = {
            "InitChannelListMode": self._set_up,
            "StartChannelListMode": self._start,
            "StopChannelListMode": self._stop,
            "SinglePulse": self._single_pulse,
        }

    def command(self, name: str, params: Mapping[str, Any] | None, now_us: int) -> int:
        """Obeys a command and returns its result; `params` None = they could not be read. Nothing changes unless it is 0."""
        if self.mode not in TRANSITIONS[name]:
            return Result.WRONG_MODE
        if params is None:
            return Result.PARAMETER_ERROR
        if name in _SET_POINTS and (refused := self._faults.take(FaultKind.NAK, now_us)):
            return Result.PARAMETER_ERROR if refused.code is None else (refused.code ^ 0x80) - 0x80
        if name == "StopChannelListMode" and self._faults.take(FaultKind.IGNORE_STOP, now_us):
            return Result.DONE
        result = self._handlers[name](params, now_us)
        self._find_busy()
        if result is Result.DONE:
            self.mode = TRANSITIONS[name][self.mode]
            self._run_outputs(now_us)
            if self.emergency and name in _SET_POINTS:
                self._errors.append(StimulationFault.EMERGENCY_SWITCH)
            if self._errors:
                self.silence(now_us)
        return result

    def run(self, now_us: int) -> None:
        """Lets time pass up to `now_us`, not beyond `due_us`."""
        self._run_outputs(now_us)
        self._hold_if_stuck(now_us)
        attempt_us = self._attempt_without_contact_us() if self._stage.open_channels else None
        if attempt_us is not None and attempt_us <= now_us:
            self.trip(StimulationFault.ELECTRODE, now_us)

    def due_us(self) -> int | None:
        """The next change of an output, or the next pulse on an electrode that is off."""
        due_us = self._attempt_without_contact_us() if self._stage.open_channels else None
        for output in self._busy:
            due_us = earliest(due_us, output.due_us)
        return due_us

    def trip(self, fault: StimulationFault, now_us: int) -> None:
        """Stops because of a fault, if it is stimulating, and has it told once."""
        if self.mode is Mode.STARTED:
            self.silence(now_us)
            self._errors.append(fault)

    def silence(self, now_us: int) -> None:
        """All outputs off at once, mode start."""
        self.mode = Mode.START
        self._list = None
        for output in self._outputs.values():
            output.off(now_us)
        self._find_busy()

    def power_cycle(self, now_us: int) -> None:
        """Off and on again. Even an output that was stuck loses its power; the emergency switch stays as it is set."""
        for output in self._outputs.values():
            output.hold(False)
        self._stuck = False
        self._errors.clear()
        self.silence(now_us)

    def take_errors(self) -> list[StimulationFault]:
        """The faults that the host has not been told of, once."""
        if not self._errors:
            return []
        errors, self._errors = self._errors, []
        return errors

    def _run_outputs(self, now_us: int) -> None:
        self._now_us = now_us
        if not self._busy:
            return
        for output in self._busy:
            output.run(now_us)
            if not output.busy:
                self._find_busy()

    def _find_busy(self) -> None:
        """To be called after whatever may have begun or ended something on an output."""
        self._busy = [output for output in self._outputs.values() if output.busy]

    def _attempt_without_contact_us(self) -> int | None:
        """When the next pulse is due on an electrode that is off: the test pulse before it finds that out."""
        if self.mode is not Mode.STARTED:
            return None
        loose = [output for channel, output in self._outputs.items() if not self._stage.has_contact(channel)]
        attempts = (output.next_attempt(self._now_us) for output in loose)
        return min((attempt for attempt in attempts if attempt is not None), default=None)

    def _hold_if_stuck(self, now_us: int) -> None:
        stuck = self._faults.active(FaultKind.STUCK_ON, now_us) is not None
        if stuck == self._stuck:
            return
        self._stuck = stuck
        for output in self._outputs.values():
            output.hold(stuck)
        if not stuck and self._list is not None:
            self._list.restore(now_us)
        elif not stuck:
            self.silence(now_us)
        self._find_busy()
        self._run_outputs(now_us)  # what is restored may change at this very moment

    def _set_up(self, params: Mapping[str, Any], _now_us: int) -> Result:
        setup = Setup.read(params)
        if not setup.possible:
            return Result.PARAMETER_ERROR
        self._list = ChannelList(setup, self._outputs)
        return Result.DONE

    def _start(self, params: Mapping[str, Any], now_us: int) -> Result:
        groups = [Group.read(channel) for channel in params["channels"]]
        if self._list is None or not self._list.possible(groups):
            return Result.PARAMETER_ERROR
        if not (self.emergency or self._faults.active(FaultKind.IGNORE_SET, now_us)):
            self._list.start(self._stretched(groups, now_us) if self._faults.planned else groups, now_us)
        return Result.DONE

    def _stop(self, _params: Mapping[str, Any], now_us: int) -> Result:
        self.silence(now_us)
        return Result.DONE

    def _stretched(self, groups: list[Group], now_us: int) -> list[Group]:
        """The groups as a device makes them whose time base may be wrong."""
        drift = self._faults.active(FaultKind.DRIFT, now_us)
        factor = 1.0 if drift is None else drift.factor
        if self._list is not None:
            self._list.stretch = factor
        return groups if factor == 1.0 else [replace(group, width_us=round(group.width_us * factor)) for group in groups]

    def _single_pulse(self, params: Mapping[str, Any], now_us: int) -> Result:
        channel, group = params["channel"], Group.read({**params, "mode": "single"})
        if group.amplitude_ua == 0 or self.emergency or self._faults.active(FaultKind.IGNORE_SET, now_us):
            return Result.DONE
        if not self._stage.has_contact(channel):
            self._errors.append(StimulationFault.ELECTRODE)
            return Result.DONE
        pulse = Train(group.amplitude_ua, group.width_us, now_us, 0)
        self._outputs[channel].change_at(now_us, pulse)
        self._outputs[channel].change_at(now_us + pulse.pulse_us, OFF)
        return Result.DONE
