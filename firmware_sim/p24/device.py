"""The simulated P24: frames in, results out, and the levels between them."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from firmware_sim.battery import charge_percent
from firmware_sim.device import earliest
from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.output import OutputStage
from firmware_sim.p24 import wire
from firmware_sim.p24.framing import Deframer
from firmware_sim.p24.lowlevel import LowLevel
from firmware_sim.p24.midlevel import MidLevel
from firmware_sim.p24.pulse import pulse_allowed, stretched, trains_allowed
from firmware_sim.p24.states import KEEP_ALIVE_US, TRANSITIONS, ChannelState, HighVoltage, Level, Result
from firmware_sim.scope import Scope

CHANNELS: Final = 8
DEVICE_ID: Final = "P24-SIM001"
OTHER_DEVICE_ID: Final = "P24-SIM002"
HASH: Final = "00000000"
FIRMWARE: Final = (1, 0, 0)
SCIENCE_MODE: Final = (4, 0, 0)
OTHER_VERSION: Final = (9, 9, 9)
MAX_ANSWERS: Final = 256
"""Answers that wait for a host that does not fetch them; more are lost."""

Params = dict[str, Any]


class P24:
    """A P24 Science, switched on. `watchdog_ms` replaces its keep-alive time of 2 s."""

    def __init__(
        self,
        *,
        scope: Scope | None = None,
        faults: FaultSchedule | None = None,
        watchdog_ms: int | None = None,
        loads_ohm: Mapping[int, int] | None = None,
    ) -> None:
        self._stage: Final = OutputStage(CHANNELS, scope, loads_ohm=loads_ohm)
        self._faults: Final = FaultSchedule() if faults is None else faults
        keep_alive_us = KEEP_ALIVE_US if watchdog_ms is None else watchdog_ms * 1000
        self._mid: Final = MidLevel(self._stage, self._faults, keep_alive_us)
        self._low: Final = LowLevel(self._stage)
        self._deframer: Final = Deframer()
        self._answers: Final[deque[bytes]] = deque(maxlen=MAX_ANSWERS)
        self._told: Final[dict[str, Params]] = {}
        self._now_us = 0
        self._next_us: int | None = None
        self._next_known = False
        self.level = Level.NONE

    @property
    def stage(self) -> OutputStage:
        """What really comes out of the electrodes."""
        return self._stage

    @property
    def faults(self) -> FaultSchedule:
        """What is wrong with the device."""
        return self._faults

    def suffers(self, kind: FaultKind) -> bool:
        """Whether a fault of this kind is in force."""
        return self._faults.active(kind, self._now_us) is not None

    def receive(self, data: bytes, now_us: int) -> None:
        """Bytes of the host arrive."""
        self._run(now_us)
        self._next_known = False
        for frame in self._deframer.feed(data):
            self._take(wire.read_from_host(frame))

    def advance(self, now_us: int) -> bytes:
        """Lets time pass and returns what was said."""
        self._run(now_us)
        if not self._answers:
            return b""
        said = b"".join(self._answers)
        self._answers.clear()
        return said

    def due_us(self) -> int | None:
        """The next answer, end of a pulse, ramp step, electrode error or keep-alive pause."""
        if self._answers:
            return self._now_us
        return self._event_us()

    def power_cycle(self, now_us: int) -> None:
        """Off and on again."""
        self._run(now_us)
        self._next_known = False
        self._deframer.forget()
        self._answers.clear()
        self._told.clear()
        self._all_off()

    def _run(self, now_us: int) -> None:
        if now_us <= self._now_us and self._faults.rest(self._now_us) and not self._stage.open_channels:
            return  # a moment that has been lived through brings nothing more
        while (due := self._event_us()) is not None and due <= max(now_us, self._now_us):
            self._pass_time(max(due, self._now_us))
        if now_us > self._now_us:
            self._pass_time(now_us)

    def _event_us(self) -> int | None:
        """Found out once for each command and each step of time; faults and loose electrodes change it by themselves."""
        if not self._next_known or self._stage.open_channels or not self._faults.rest(self._now_us):
            self._next_us = earliest(self._low.due_us(), self._mid.due_us(self._now_us))
            self._next_known = self._faults.rest(self._now_us) and not self._stage.open_channels
        return self._next_us

    def _pass_time(self, now_us: int) -> None:
        self._now_us = now_us
        self._next_known = False
        for answer in self._low.pass_time(now_us):
            self._say("ll_channel_config_ack", answer)
        if self._mid.pass_time(now_us):
            self.level = Level.MID

    def _take(self, frame: wire.Frame) -> None:
        """Answers one frame, sound or not."""
        if frame.error in (wire.UNKNOWN_COMMAND, wire.WRONG_DIRECTION):
            self._say("unknown_cmd", {**_echo(frame.params), "result": int(Result.UNKNOWN_COMMAND)})
        elif frame.command is None or frame.error not in (None, wire.DATA_ERROR):
            self._say("general_error", {"result": int(Result.TRANSFER)})
        elif frame.error == wire.DATA_ERROR and frame.command in TRANSITIONS:
            self._acknowledge(frame.command, frame.params, Result.PARAMETER)
        elif frame.error == wire.DATA_ERROR:
            self._say("general_error", {**_echo(frame.params), "result": int(Result.PARAMETER)})
        elif frame.command in self._told and self._faults.active(FaultKind.FREEZE, self._now_us):
            self._repeat(frame.command, frame.params)
        elif frame.command in TRANSITIONS:
            self._obey(frame.command, frame.params)
        else:
            self._inform(frame.command, frame.params)

    def _obey(self, command: str, params: Params) -> None:
        """A command of the low or mid level."""
        after = TRANSITIONS[command].get(self.level)
        if after is None:
            self._acknowledge(command, params, Result.NOT_INITIALIZED)
        elif command in SET_POINTS and (nak := self._faults.take(FaultKind.NAK, self._now_us)):
            self._acknowledge(command, params, Result.PARAMETER if nak.code is None else nak.code)
        elif self._disregards(command):
            self._acknowledge(command, params, Result.OK)
        else:
            result = _HANDLERS[command](self, params)
            if result in (None, Result.OK):
                self.level = after
            if result is not None:
                self._acknowledge(command, params, result)

    def _disregards(self, command: str) -> bool:
        """Whether the output stays as it is although the command is acknowledged."""
        if command in OUTPUT_COMMANDS and self.suffers(FaultKind.STUCK_ON):
            return True
        return command in STOPS and self._faults.take(FaultKind.IGNORE_STOP, self._now_us) is not None

    def _inform(self, command: str, params: Params) -> None:
        """A general command."""
        answer = _GENERAL.get(command)
        if answer is None:
            self._say("unknown_cmd", {**_echo(params), "result": int(Result.UNKNOWN_COMMAND)})
        else:
            self._tell(command, {**_echo(params), "result": int(Result.OK), **answer(self)})

    def _acknowledge(self, command: str, params: Params, result: int) -> None:
        """The acknowledgement that carries nothing but a result; where it has a fixed length the rest says nothing."""
        fill: Params = {}
        if command == "ll_channel_config":
            fill = {name: params.get(name, 0) for name in ("connector", "channel")}
        elif command == "ml_get_current_data":
            fill = _current_data(params.get("selection", 4), (False,) * CHANNELS, (ChannelState.OK,) * CHANNELS, False)
        self._say(f"{command}_ack", {**_echo(params), "result": int(result), **fill})

    def _tell(self, command: str, answer: Params) -> None:
        """Answers a question, and keeps what was said about the state for a freeze."""
        if command in TELEMETRY:
            self._told[command] = answer
        self._say(f"{command}_ack", answer)

    def _repeat(self, command: str, params: Params) -> None:
        """Says once more what was said last about the state; the question still counts as a sign of life."""
        if command == "ml_get_current_data":
            self._mid.heard(self._now_us)
        self._say(f"{command}_ack", {**self._told[command], **_echo(params)})

    def _say(self, command: str, params: Params) -> None:
        self._answers.append(wire.answer(command, params))

    def _ll_init(self, params: Params) -> Result:
        supplies = {0: HighVoltage.V150, 1: HighVoltage.OFF}
        if params["high_voltage"] not in supplies or params["measurement"] > 3:
            return Result.PARAMETER
        self._low.init(params["measurement"], supplies[params["high_voltage"]], self._now_us)
        return Result.OK

    def _ll_channel_config(self, params: Params) -> Result | None:
        if not pulse_allowed(params["points"]):
            return Result.PARAMETER
        if not params["execute"] or self.suffers(FaultKind.IGNORE_SET):
            return Result.OK
        refusal = self._low.config(params, self._now_us)
        return None if refusal is Result.OK else refusal

    def _ll_stop(self, _params: Params) -> Result:
        for answer in self._low.stop(self._now_us):
            self._say("ll_channel_config_ack", answer)
        return Result.OK

    def _ml_init(self, params: Params) -> Result:
        self._mid.init(params["stop_all_on_error"], self._now_us)
        return Result.OK

    def _ml_update(self, params: Params) -> Result:
        if "softstart" in params or not trains_allowed(params["channels"]):
            return Result.PARAMETER
        if self.suffers(FaultKind.IGNORE_SET):
            self._mid.begin(self._now_us)
        elif drift := self._faults.active(FaultKind.DRIFT, self._now_us):
            self._mid.update([stretched(train, drift.factor) for train in params["channels"]], self._now_us)
        else:
            self._mid.update(params["channels"], self._now_us)
        return Result.OK

    def _ml_stop(self, _params: Params) -> Result:
        self._mid.stop(self._now_us)
        return Result.OK

    def _ml_get_current_data(self, params: Params) -> Result | None:
        selection = params["selection"]
        if selection not in (2, 3, 4):
            return Result.PARAMETER
        self._mid.heard(self._now_us)
        if self.suffers(FaultKind.FALSE_OFF):
            answer = _current_data(selection, (False,) * CHANNELS, self._mid.states, False)
        else:
            answer = _current_data(selection, self._mid.active, self._mid.states, self.level is Level.RUNNING)
        self._tell("ml_get_current_data", {**_echo(params), "result": int(Result.OK), **answer})
        return None

    def _stim_status(self) -> Params:
        mid = self.level in (Level.MID, Level.RUNNING)
        supply = HighVoltage.V150 if mid else self._low.high_voltage
        hidden = self.level is Level.RUNNING and self.suffers(FaultKind.FALSE_OFF)
        return {"stim_status": int(Level.MID if hidden else self.level), "high_voltage": int(supply)}

    def _battery(self) -> Params:
        percent = charge_percent(self._faults, self._now_us)
        return {"level_percent": percent, "voltage_mv": 3300 + 9 * percent}

    def _reset(self) -> Params:
        if not self.suffers(FaultKind.STUCK_ON):
            self._all_off()
        return {}

    def _all_off(self) -> None:
        self._mid.stop(self._now_us)
        self._low.stop(self._now_us)
        self._stage.all_off(self._now_us)
        self.level = Level.NONE


def _echo(params: Params) -> Params:
    return {"packet_number": params["packet_number"]}


def _current_data(selection: int, active: tuple[bool, ...], states: tuple[ChannelState, ...], running: bool) -> Params:
    """What follows the result for each selection; nothing but the selection for one that does not exist."""
    if selection == 4:
        return {"selection": 4, "active": active, "channel_state": tuple(map(int, states))}
    if selection in (2, 3):
        errors = tuple(state is ChannelState.ELECTRODE_ERROR for state in states)
        return {"selection": selection, "running": running, "electrode_error": errors}
    return {"selection": selection}


def _versions(device: P24) -> Params:
    if device.suffers(FaultKind.OTHER_FIRMWARE):
        return {"firmware": OTHER_VERSION, "sciencemode": OTHER_VERSION}
    return {"firmware": FIRMWARE, "sciencemode": SCIENCE_MODE}


def _identity(device: P24) -> Params:
    return {"device_id": OTHER_DEVICE_ID if device.suffers(FaultKind.OTHER_SERIAL) else DEVICE_ID}


SET_POINTS: Final = frozenset({"ml_update", "ll_channel_config"})
"""What the fault `nak` refuses."""

TELEMETRY: Final = frozenset({"ml_get_current_data", "get_stim_status", "get_battery_status"})
"""What is told over and over while frozen."""

OUTPUT_COMMANDS: Final = frozenset(TRANSITIONS) - {"ml_get_current_data"}
"""What has no effect while the output is stuck."""

STOPS: Final = frozenset({"ml_stop", "ll_stop"})
"""What has no effect while stops are ignored."""

_HANDLERS: Final[dict[str, Callable[[P24, Params], Result | None]]] = {
    "ll_init": P24._ll_init,
    "ll_channel_config": P24._ll_channel_config,
    "ll_stop": P24._ll_stop,
    "ml_init": P24._ml_init,
    "ml_update": P24._ml_update,
    "ml_stop": P24._ml_stop,
    "ml_get_current_data": P24._ml_get_current_data,
}
"""Command: what it does, and the result to answer with; None when the answer is given already or comes later."""

_GENERAL: Final[dict[str, Callable[[P24], Params]]] = {
    "get_version_main": _versions,
    "get_device_id": _identity,
    "get_battery_status": P24._battery,
    "reset": P24._reset,
    "get_version_stim": _versions,
    "get_stim_status": P24._stim_status,
    "get_main_status": lambda _: {"main_status": 0},
    "get_extended_version": lambda device: {
        **_versions(device),
        "hash": HASH,
        "hash_type": 1,
        "hash_valid": 1,
    },
}
"""Command: what is answered after the result. Commands that are missing get Unknown_cmd."""
