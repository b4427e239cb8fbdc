"""The low level of a P24: one command is one pulse. Commands wait in a short queue; each is answered when its pulse is over."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from firmware_sim.output import OutputStage
from firmware_sim.p24.layouts import SAMPLES
from firmware_sim.p24.pulse import Points, Pulse, pulse
from firmware_sim.p24.states import HighVoltage, Result

QUEUE: Final = 10
"""Channel configurations that wait while another is executed (RehaMove3 description)."""
NOMINAL_LOAD_OHM: Final = 1000
VOLTAGE_MV: Final = 150_000


Params = dict[str, Any]


@dataclass(slots=True)
class _Job:
    config: Params
    shape: Pulse
    end_us: int | None = None
    result: Result = Result.OK

    @property
    def channel(self) -> int:
        return int(self.config["connector"] * 4 + self.config["channel"] + 1)


class LowLevel:
    """The queue of pulses and the one being executed."""

    def __init__(self, stage: OutputStage) -> None:
        self._stage: Final = stage
        self._jobs: Final[deque[_Job]] = deque()
        self._measurement = 0
        self.high_voltage = HighVoltage.OFF

    def init(self, measurement: int, high_voltage: HighVoltage, now_us: int) -> None:
        """Begins the level."""
        self.stop(now_us)
        self._measurement = measurement
        self.high_voltage = high_voltage

    def config(self, config: Params, now_us: int) -> Result:
        """Takes a pulse to execute, or says why not. Its answer comes from `pass_time` or `stop`."""
        if len(self._jobs) > QUEUE:
            return Result.BUSY
        self._jobs.append(_Job(config, pulse(config["points"])))
        if len(self._jobs) == 1:
            self._start(now_us)
        return Result.OK

    def stop(self, now_us: int) -> list[Params]:
        """No current at once. Pulses that were not finished are answered as not initialized."""
        dropped = [self._answer(job, Result.NOT_INITIALIZED) for job in self._jobs]
        if self._jobs:
            self._stage.set_train(self._jobs[0].channel, now_us, 0, 0, 0)
        self._jobs.clear()
        self.high_voltage = HighVoltage.OFF
        return dropped

    def due_us(self) -> int | None:
        """When the pulse being executed is over."""
        return self._jobs[0].end_us if self._jobs else None

    def pass_time(self, now_us: int) -> list[Params]:
        """Ends the pulses that are over and begins the next ones; the parameters of their answers."""
        done: list[Params] = []
        while self._jobs and (end_us := self._jobs[0].end_us) is not None and end_us <= now_us:
            job = self._jobs.popleft()
            self._stage.set_train(job.channel, end_us, 0, 0, 0)
            done.append(self._answer(job, job.result))
            if self._jobs:
                self._start(end_us)
        return done

    def _start(self, now_us: int) -> None:
        job = self._jobs[0]
        job.end_us = now_us + job.shape.duration_us
        if self.high_voltage is HighVoltage.OFF:
            job.result = Result.CURRENT_TOO_LOW if job.shape.amplitude_ua else Result.OK
            return
        shape = job.shape
        self._stage.set_train(
            job.channel,
            now_us,
            shape.amplitude_ua,
            shape.width_us,
            0,
            charge_pc=shape.charge_pc,
            burst=shape.burst,
            gap_us=shape.gap_us,
            offsets_us=shape.offsets_us,
        )
        if shape.amplitude_ua and not self._stage.has_contact(job.channel):
            job.result = Result.ELECTRODE
        elif self._stage.is_clipped(job.channel):
            job.result = Result.CURRENT_TOO_LOW
        self._stage.deliver(job.channel, 1, now_us)

    def _answer(self, job: _Job, result: Result) -> Params:
        params = {
            "packet_number": job.config["packet_number"],
            "result": int(result),
            "connector": job.config["connector"],
            "channel": job.config["channel"],
            "measurement": self._measurement,
        }
        if self._measurement:
            step_us = max(1, -(-job.shape.duration_us // SAMPLES))
            params["sampling_time_us"] = step_us
            params["samples"] = _samples(job.config["points"], self._measurement, step_us)
        return params


def _samples(points: Points, measurement: int, step_us: int) -> tuple[int, ...]:
    """What the device measures during a pulse, in hundredths of mA or V: current, voltage at the nominal load, or supply."""
    if measurement == 3:
        return (VOLTAGE_MV // 10,) * SAMPLES
    ends_us: list[tuple[int, float]] = []
    end_us = 0
    for point in points:
        end_us += int(point[0])
        ends_us.append((end_us, abs(point[1])))
    currents_ma = (next((ma for end, ma in ends_us if at * step_us < end), 0.0) for at in range(SAMPLES))
    per_ma = 100 if measurement == 1 else 100 * NOMINAL_LOAD_OHM // 1000
    return tuple(round(ma * per_ma) for ma in currents_ma)
