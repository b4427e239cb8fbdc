"""The MOTOmed trainer on the stimulator's second port, as far as a host can see it (protocol description 1.24, brief).

How long a command takes and what the trainer measures is not documented; the figures here are plausible ones.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from firmware_sim.device import earliest
from firmware_sim.rehastim2.states import Result

ACTUAL_VALUES_US: Final = 20_000
COMMAND_US: Final = 100_000
SPEED_MAX_RPM: Final = 60  # the trainer is not one of the Parkinson models, which go to 90
METRES_PER_TURN: Final = 1
TORQUE_DNM: Final = 16


class TrainerMode(IntEnum):
    """With the number that GetMotomedModeAck carries."""

    CONNECTION_ERROR = -1
    START = 0
    PHASE_INITIALIZED = 1
    PHASE_STARTED = 2
    PHASE_BREAK = 3
    BASIC_STARTED = 4
    BASIC_PAUSE = 5
    BUSY = 6


_M = TrainerMode
_RESTING: Final = (_M.START, _M.PHASE_INITIALIZED, _M.PHASE_STARTED, _M.PHASE_BREAK, _M.BASIC_STARTED, _M.BASIC_PAUSE)
_IN_TRAINING: Final = {mode: mode for mode in (_M.PHASE_STARTED, _M.PHASE_BREAK, _M.BASIC_STARTED, _M.BASIC_PAUSE)}
MOVING: Final = frozenset({_M.PHASE_STARTED, _M.BASIC_STARTED})

TRANSITIONS: Final[Mapping[str, Mapping[TrainerMode, TrainerMode]]] = {
    "InitPhaseTraining": {_M.START: _M.PHASE_INITIALIZED},
    "StartPhase": dict.fromkeys((_M.PHASE_INITIALIZED, _M.PHASE_STARTED, _M.PHASE_BREAK), _M.PHASE_STARTED),
    "PausePhase": {_M.PHASE_STARTED: _M.PHASE_BREAK},
    "StopPhaseTraining": dict.fromkeys((_M.PHASE_INITIALIZED, _M.PHASE_STARTED, _M.PHASE_BREAK), _M.START),
    "SetRotationDirection": _IN_TRAINING,
    "SetSpeed": _IN_TRAINING,
    "SetGear": _IN_TRAINING,
    "SetKeyboardLock": {mode: mode for mode in _RESTING},
    "StartBasicTraining": {_M.START: _M.BASIC_STARTED},
    "PauseBasicTraining": {_M.BASIC_STARTED: _M.BASIC_PAUSE},
    "ContinueBasicTraining": {_M.BASIC_PAUSE: _M.BASIC_STARTED},
    "StopBasicTraining": dict.fromkeys((_M.BASIC_STARTED, _M.BASIC_PAUSE), _M.START),
}
"""Command: mode before, mode after. The new mode holds when MotomedCommandDone is sent."""

Packet = tuple[str, dict[str, Any]]


class Motomed:
    """The trainer. `trainers` are those that are attached (0 leg, 1 arm); none at all is a connection error."""

    def __init__(self, trainers: frozenset[int] = frozenset({0, 1})) -> None:
        self._trainers: Final = trainers
        self.reset()

    def reset(self) -> None:
        """Training stopped, nothing under way."""
        self._mode = TrainerMode.START
        self._next = TrainerMode.START
        self._busy_until_us: int | None = None
        self._reports: list[Packet] = []
        self._values_us: int | None = None
        self._settings: dict[str, int] = {"speed_rpm": 30, "direction": 1, "variant": 1}
        self._phase_since_us: int | None = None
        self._phases = 0

    @property
    def mode(self) -> TrainerMode:
        """What a host is told."""
        if not self._trainers:
            return TrainerMode.CONNECTION_ERROR
        return TrainerMode.BUSY if self._busy_until_us is not None else self._mode

    def due_us(self) -> int | None:
        """When the trainer next says something by itself."""
        return earliest(self._busy_until_us, self._values_us)

    def command(self, name: str, params: Mapping[str, Any], now_us: int) -> Result:
        """A command with parameters within their range. Its effect, if any, comes `COMMAND_US` later."""
        if not self._trainers:
            return Result.MOTOMED_CONNECTION
        if self._busy_until_us is not None:
            return Result.MOTOMED_BUSY
        if self._mode not in TRANSITIONS[name]:
            return Result.WRONG_MODE
        if params.get("speed_rpm", 0) > SPEED_MAX_RPM:
            return Result.PARAMETER_ERROR
        self._busy_until_us = now_us + COMMAND_US
        if params.get("trainer", next(iter(self._trainers))) not in self._trainers:
            self._next, self._reports = self._mode, [("MotomedError", {"error": int(Result.INVALID_TRAINER)})]
            return Result.DONE
        self._next = TRANSITIONS[name][self._mode]
        self._reports = [*self._phase_reports(name, now_us), ("MotomedCommandDone", {"result": 0})]
        self._settings |= {key: params[key] for key in self._settings if key in params}
        return Result.DONE

    def run(self, now_us: int) -> list[Packet]:
        """Lets time pass up to `now_us`, not beyond `due_us`; returns what the trainer says meanwhile."""
        said: list[Packet] = []
        if self._values_us is not None and self._values_us <= now_us:
            said.append(("ActualValues", self._values(self._values_us)))
            self._values_us += ACTUAL_VALUES_US
        if self._busy_until_us is not None and self._busy_until_us <= now_us:
            said += self._reports
            self._reports = []
            self._enter(self._next, self._busy_until_us)
            self._busy_until_us = None
        return said

    def _enter(self, mode: TrainerMode, at_us: int) -> None:
        self._mode = mode
        if mode not in MOVING:
            self._values_us = None
        elif self._values_us is None:
            self._values_us = at_us + ACTUAL_VALUES_US

    def _phase_reports(self, name: str, now_us: int) -> list[Packet]:
        """The result of the phase that this command ends, if it ends one; a phase that it begins is noted."""
        since_us = self._phase_since_us
        if name in ("StartPhase", "StopPhaseTraining"):
            self._phase_since_us = now_us if name == "StartPhase" else None
            if since_us is not None:
                return [("PhaseResult", self._phase_result(now_us - since_us))]
        return []

    def _phase_result(self, lasted_us: int) -> dict[str, int]:
        seconds = min(65_535, lasted_us // 1_000_000)
        active = self._settings["variant"] == 0
        distance = min(65_535, self._settings["speed_rpm"] * seconds * METRES_PER_TURN // 600)
        self._phases = self._phases % 255 + 1
        return {
            "counter": self._phases,
            "passive_distance_10m": 0 if active else distance,
            "active_distance_10m": distance if active else 0,
            "average_power_w": 5 if active else 0,
            "maximum_power_w": 9 if active else 0,
            "duration_s": seconds,
            "active_duration_s": seconds if active else 0,
            "work_j": min(65_535, 5 * seconds) if active else 0,
            "success_percent": 100,
            "symmetry_left_percent": 50,
            "muscle_tone_dnm": TORQUE_DNM,
        }

    def _values(self, at_us: int) -> dict[str, int]:
        speed_rpm = self._settings["speed_rpm"]
        forward = self._settings["direction"] == 1
        angle_deg = 6 * speed_rpm * at_us // 1_000_000 % 360  # one turn a minute is 6 ° a second
        return {
            "angle_deg": angle_deg if forward else (360 - angle_deg) % 360,
            "speed_rpm": speed_rpm if forward else -speed_rpm,
            "torque_dnm": TORQUE_DNM if self._settings["variant"] == 0 else -TORQUE_DNM,
        }
