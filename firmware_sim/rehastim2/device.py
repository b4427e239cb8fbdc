"""The simulated RehaStim 2: what it answers to each frame, and what it says by itself.

Answers come at once unless `answer_us` says otherwise. Current flows in mA as commanded; the 2 mA steps of the user manual
are left to the host.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final

from firmware_sim.device import earliest
from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.output import OutputStage
from firmware_sim.rehastim2.commands import BY_NAME
from firmware_sim.rehastim2.connection import PROTOCOL_VERSION, WATCHDOG_US, Connection
from firmware_sim.rehastim2.fields import PARAMETER_ERROR
from firmware_sim.rehastim2.framing import WRONG_CHECKSUM, WRONG_LENGTH
from firmware_sim.rehastim2.motomed import Motomed
from firmware_sim.rehastim2.states import TRANSITIONS, Mode, Result, StimulationFault
from firmware_sim.rehastim2.stimulation import Stimulation
from firmware_sim.rehastim2.wire import UNKNOWN_COMMAND, Decoder, Frame, answer
from firmware_sim.scope import Scope

CHANNELS: Final = 8
OUTPUT_VOLTAGE_MV: Final = 154_000
MAX_OUT_BYTES: Final = 16_384  # what the device keeps for a host that does not take it; more is lost
SCREEN_LINES: Final = 100
OTHER_VERSION: Final = 99  # a protocol version that no host knows
NEAR_MAX_NUMBER: Final = 250  # of the packet numbers 0 to 255
OLD_CLIENT_ACCEPT: Final = 1  # a public client answers Init with its version number instead of a result


class RehaStim2:
    """One device that has just been switched on, set to ScienceMode2.

    `watchdog_ms` replaces the documented 1200 ms after which it gives up a silent host (one public client needs 1700);
    `answer_us` is how long it takes to answer; `trainers` are the MOTOmed trainers attached (0 leg, 1 arm).
    `screen` holds the last lines of what it tells on its display.
    """

    def __init__(
        self,
        *,
        scope: Scope | None = None,
        faults: FaultSchedule | None = None,
        watchdog_ms: int | None = None,
        loads_ohm: Mapping[int, int] | None = None,
        answer_us: int = 0,
        trainers: frozenset[int] = frozenset({0, 1}),
    ) -> None:
        self.stage: Final = OutputStage(CHANNELS, scope, loads_ohm=loads_ohm, voltage_mv=OUTPUT_VOLTAGE_MV)
        self.faults: Final = faults if faults is not None else FaultSchedule()
        self.screen: Final[deque[str]] = deque(maxlen=SCREEN_LINES)
        self._stimulation: Final = Stimulation(self.stage, self.faults)
        self._motomed: Final = Motomed(trainers)
        self._connection: Final = Connection(WATCHDOG_US if watchdog_ms is None else watchdog_ms * 1000)
        self._decoder: Final = Decoder("host")
        self._answer_us: Final = answer_us
        self._answer: tuple[int, bytes] | None = None
        self._out = bytearray()
        self._own_number = self._first_number(0)
        self._init_number: int | None = None
        self._frozen: Mapping[str, int] | None = None
        self._button = False
        self._now_us = 0
        self._next_us: int | None = None
        self._next_known = False

    @property
    def mode(self) -> Mode:
        """The stimulation mode as it really is."""
        return self._stimulation.mode

    @property
    def connected(self) -> bool:
        """Whether a host has answered Init and has been heard since."""
        return self._connection.connected

    def receive(self, data: bytes, now_us: int) -> None:
        """Bytes of the host arrive. What they command holds from `now_us` on."""
        now_us = self._run(now_us)
        for frame in self._decoder.feed(data):
            self._hear(frame, now_us)
        self._next_known = False
        self._meet_deadlines(now_us)

    def advance(self, now_us: int) -> bytes:
        """Lets time pass up to `now_us` and returns what the device says to the host meanwhile."""
        self._run(now_us)
        if not self._out:
            return b""
        said = bytes(self._out)
        self._out.clear()
        return said

    def due_us(self) -> int | None:
        """When it next does something by itself; 0 before time has begun for it.

        Found out once for each command and each step of time; faults and loose electrodes change it by themselves.
        """
        if not self._next_known or self.stage.open_channels or not self.faults.rest(self._now_us):
            self._next_us = self._earliest_us()
            self._next_known = self.faults.rest(self._now_us) and not self.stage.open_channels
        return self._next_us

    def _earliest_us(self) -> int | None:
        if self._connection.due_us is None:
            return 0
        own_us = earliest(self._connection.due_us, self._motomed.due_us())
        if self._answer is not None:
            own_us = earliest(own_us, self._answer[0])
        return earliest(own_us, self._stimulation.due_us())

    def power_cycle(self, now_us: int) -> None:
        """Off and on again: output zero, nothing remembered, Init from now on."""
        now_us = self._run(now_us)
        self._stimulation.power_cycle(now_us)
        self._disconnect(now_us)
        self._own_number = self._first_number(now_us)
        self._init_number = None
        self._out.clear()
        self.screen.append("Power on")
        self._next_known = False
        self._meet_deadlines(now_us)

    def emergency_switch(self, pressed: bool, now_us: int) -> None:
        """Somebody presses the emergency switch, or sets it back. While it is pressed there is no stimulation."""
        self._switch(pressed, self._run(now_us))
        self._next_known = False
        self._tell_errors()

    def fail_module(self, now_us: int) -> None:
        """A current source reports a fault; nothing happens unless it is stimulating."""
        self._stimulation.trip(StimulationFault.MODULE, self._run(now_us))
        self._next_known = False
        self._tell_errors()

    def _run(self, now_us: int) -> int:
        """Lets time pass, one deadline after the other; time never runs backwards."""
        now_us = max(now_us, self._now_us)
        if self._connection.due_us is None:
            self._connection.lose(now_us)
            self._next_known = False
        elif now_us == self._now_us and self.faults.rest(now_us) and not self.stage.open_channels:
            return now_us  # a moment that has been lived through; whoever brings something new into it sees to that
        self._meet_deadlines(now_us)
        self._step(now_us)
        return now_us

    def _meet_deadlines(self, now_us: int) -> None:
        while (due_us := self.due_us()) is not None and due_us <= now_us:
            self._step(max(due_us, self._now_us))
            self._next_known = False
            self._own_number = (self._own_number + self._connection.catch_up(now_us)) % 256

    def _step(self, now_us: int) -> None:
        self._now_us = now_us
        self._next_known = False
        self._stimulation.run(now_us)
        if self.faults.planned:
            self._suffer(now_us)
        self._tell_errors()
        if self._answer is not None and self._answer[0] <= now_us:
            self._send(self._answer[1])
            self._answer = None
        if self._connection.due_us is not None and self._connection.due_us <= now_us:
            self._step_connection(now_us)
        for command, params in self._motomed.run(now_us):
            self._tell(command, params)

    def _step_connection(self, now_us: int) -> None:
        if self.connected:
            self.screen.append("Disconnected")
            self._stimulation.silence(now_us)
            self._disconnect(now_us)
        self._init_number = self._own_number
        strange = self.faults.active(FaultKind.OTHER_FIRMWARE, now_us)
        self._tell("Init", {"protocol_version": OTHER_VERSION if strange else PROTOCOL_VERSION})
        self._connection.init_sent(now_us)

    def _disconnect(self, now_us: int) -> None:
        """There is no host any more: training stops, half a frame and an unsent answer are forgotten."""
        self._motomed.reset()
        self._decoder.reset()
        self._answer = None
        self._connection.lose(now_us)

    def _hear(self, frame: Frame, now_us: int) -> None:
        expects_answer = frame.command is not None and BY_NAME[frame.command].answered
        if frame.error in (WRONG_LENGTH, WRONG_CHECKSUM):
            if self.connected and expects_answer:
                self._acknowledge(frame, {"result": int(Result.TRANSFER_ERROR)}, now_us)
            return
        if frame.packet_number < 0:
            return
        self._connection.heard(now_us)
        if frame.command == "InitAck":
            self._shake_hands(frame, now_us)
        elif not self.connected:
            self.screen.append(f"Not connected: command {frame.command_number} is not answered")
        elif frame.error == UNKNOWN_COMMAND:
            self._say("UnknownCommand", {"packet_number": frame.packet_number, "unknown_command": frame.command_number})
        elif expects_answer:
            self._obey(frame, now_us)

    def _shake_hands(self, frame: Frame, now_us: int) -> None:
        result = frame.params.get("result")
        if self.connected or result not in (Result.DONE, OLD_CLIENT_ACCEPT):
            self.screen.append(f"InitAck with result {result} changes nothing")
            return
        if frame.packet_number != self._init_number:
            self.screen.append(f"InitAck repeats packet number {frame.packet_number}, Init had {self._init_number}")
        self._connection.accept(now_us)
        self.screen.append("Connected" if result == Result.DONE else f"Connected (InitAck with result {result})")

    def _obey(self, frame: Frame, now_us: int) -> None:
        command = str(frame.command)
        if self._answer is not None and command != "StopChannelListMode":
            busy = {"packet_number": frame.packet_number, "result": int(Result.BUSY)}
            self._say(f"{command}Ack", busy)
        elif (modes := self._shown_modes()) and command in modes:
            self._acknowledge(frame, {"result": int(Result.DONE), "mode": modes[command]}, now_us)
        else:
            self._acknowledge(frame, {"result": self._result(frame, command, now_us)}, now_us)
            self._tell_errors()

    def _result(self, frame: Frame, command: str, now_us: int) -> int:
        # Bytes after a command that has no parameters are not looked at: a stop is a stop.
        unreadable = frame.error == PARAMETER_ERROR and bool(BY_NAME[command].fields)
        params = None if unreadable else frame.params
        if command in TRANSITIONS:
            return self._stimulation.command(command, params, now_us)
        return Result.PARAMETER_ERROR if params is None else self._motomed.command(command, params, now_us)

    def _modes(self) -> Mapping[str, int]:
        return {"GetStimulationMode": int(self.mode), "GetMotomedMode": int(self._motomed.mode)}

    def _shown_modes(self) -> Mapping[str, int]:
        shown = self._frozen if self._frozen is not None else self._modes()
        if self.faults.active(FaultKind.FALSE_OFF, self._now_us):
            return {**shown, "GetStimulationMode": int(Mode.START)}
        return shown

    def _first_number(self, now_us: int) -> int:
        return NEAR_MAX_NUMBER if self.faults.active(FaultKind.COUNTERS_NEAR_MAX, now_us) else 0

    def _suffer(self, now_us: int) -> None:
        """What the faults in force do to the device as a whole."""
        if self.faults.active(FaultKind.FREEZE, now_us) is None:
            self._frozen = None
        elif self._frozen is None:
            self._frozen = self._modes()
        pressed = self.faults.active(FaultKind.STOP_BUTTON, now_us) is not None
        if pressed != self._button:
            self._button = pressed
            self._switch(pressed, now_us)
        if self.faults.take(FaultKind.MODULE_FAULT, now_us):
            self._stimulation.trip(StimulationFault.MODULE, now_us)

    def _switch(self, pressed: bool, now_us: int) -> None:
        self._stimulation.emergency = pressed
        if pressed:
            self._stimulation.trip(StimulationFault.EMERGENCY_SWITCH, now_us)

    def _tell_errors(self) -> None:
        for error in self._stimulation.take_errors():
            self.screen.append(f"Stimulation error: {error.name.lower().replace('_', ' ')}")
            self._tell("StimulationError", {"error": int(error)})

    def _acknowledge(self, frame: Frame, told: Mapping[str, int], now_us: int) -> None:
        if self._answer is not None:  # a stop does not wait for its turn
            self._send(self._answer[1])
        reply = answer(f"{frame.command}Ack", {"packet_number": frame.packet_number, **told})
        self._answer = (now_us + self._answer_us, reply)
        if self._answer_us == 0:
            self._send(reply)
            self._answer = None

    def _say(self, command: str, params: Mapping[str, int]) -> None:
        self._send(answer(command, params))

    def _tell(self, command: str, params: Mapping[str, int]) -> None:
        """Something that nobody asked for: it carries the device's own packet number."""
        self._say(command, {"packet_number": self._own_number, **params})
        self._own_number = (self._own_number + 1) % 256

    def _send(self, data: bytes) -> None:
        if len(self._out) + len(data) <= MAX_OUT_BYTES:
            self._out += data
