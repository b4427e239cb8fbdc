"""A program: one protocol compiled for one patient on one device. Times are µs from START."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from emscontrol.core.pulse import NOTHING, Outputs, Train
from emscontrol.core.stimulator import Capabilities


@dataclass(frozen=True, slots=True)
class PatientChannel:
    """What was measured on the patient for one channel: amplitudes (µA) at the motor and at the comfort threshold."""

    comfort_ua: int
    motor_ua: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """From `at_us` on, these outputs and no others."""

    at_us: int
    outputs: Outputs


@dataclass(frozen=True, slots=True)
class Contraction:
    """One contraction of one group: current from `start_us` to `end_us`, ramps inside. `number` counts from 1 in its phase."""

    phase: int
    group: int
    number: int
    of: int
    channels: tuple[int, ...]
    start_us: int
    end_us: int
    ramp_up_us: int
    ramp_down_us: int


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """One phase of the session on the clock."""

    name: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """What one channel is meant to get: its highest plateau, its fastest rise, and the caps.

    `cap_ua` is how far the operator may raise it, `protocol_cap_ua` the file's own cap.
    """

    channel: int
    label: str
    muscle: str
    side: str
    area_mm2: int
    peak_ua: int
    rise_ua_per_s: int
    cap_ua: int
    protocol_cap_ua: int | None


@dataclass(frozen=True, slots=True)
class Program:
    """Everything that will be sent, and when. `trains` is what the device is prepared with, by channel.

    `steps` make the ramps from here, set point by set point. `uploads` are the same for a device that makes whole
    contractions by itself, empty for others. `step_times_us` and `upload_times_us` repeat their times, for finding one quickly.
    """

    protocol_id: str
    title: str
    sha256: str
    capabilities: Capabilities
    trains: Mapping[int, Train]
    slot_delays_us: Mapping[int, int]
    channels: tuple[ChannelPlan, ...]
    phases: tuple[PhaseSpan, ...]
    contractions: tuple[Contraction, ...]
    steps: tuple[Step, ...]
    step_times_us: tuple[int, ...]
    end_us: int
    uploads: tuple[Step, ...] = ()
    upload_times_us: tuple[int, ...] = ()

    @property
    def planned(self) -> tuple[Step, ...]:
        """What is sent when nobody interferes."""
        return self.uploads or self.steps

    def outputs_at(self, at_us: int) -> Outputs:
        """The outputs in force at a time from START; nothing before the first step and after the last."""
        index = bisect_right(self.step_times_us, at_us)
        return self.steps[index - 1].outputs if index else NOTHING

    def uploads_at(self, at_us: int) -> Outputs:
        """As `outputs_at`, for a device that makes whole contractions: each begins at its own step."""
        index = bisect_right(self.upload_times_us, at_us)
        return self.uploads[index - 1].outputs if index else NOTHING

    def next_upload_us(self, after_us: int) -> int | None:
        """When the next upload after this time is due, or None."""
        index = bisect_right(self.upload_times_us, after_us)
        return self.uploads[index].at_us if index < len(self.uploads) else None

    def next_step_us(self, after_us: int) -> int | None:
        """When the next step after this time is due, or None."""
        index = bisect_right(self.step_times_us, after_us)
        return self.steps[index].at_us if index < len(self.steps) else None

    def trains_of(self, channel: int) -> tuple[Train, ...]:
        """Every train that the program gives one channel."""
        used = {id(o.train): o.train for step in self.steps for o in step.outputs.channels if o.channel == channel}
        return tuple(dict.fromkeys(used.values()))  # few objects stand for many steps, and comparing trains takes time

    def plan_of(self, channel: int) -> ChannelPlan:
        """The plan of one channel. Raises KeyError when the program does not use it."""
        for plan in self.channels:
            if plan.channel == channel:
                return plan
        raise KeyError(channel)
