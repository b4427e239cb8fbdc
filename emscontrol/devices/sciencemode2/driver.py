"""Driver of the HASOMED RehaStim 2: the channel list of ScienceMode 2, one pulse clock for all channels."""

from collections.abc import Mapping
from typing import Any, Final

from emscontrol.core.pulse import Outputs, Train
from emscontrol.core.stimulator import (
    Command,
    Connected,
    DeviceEvent,
    DeviceFault,
    ElectrodeFault,
    Identity,
    ReadBack,
    Uncertain,
)
from emscontrol.core.units import US_PER_MS
from emscontrol.devices.declare.compiled import repeated
from emscontrol.devices.exchange import UNCONFIRMED, Answer, Ask, Manners, Question, SaysNo, Steps, Talk
from emscontrol.devices.framed import FramedDriver, FrameSource
from emscontrol.devices.sciencemode2.profile import RehaStim2Profile, channel_list
from emscontrol.devices.sciencemode2.wire import RESULTS, STIMULATION_ERRORS, Decoder, encode, encode_start
from emscontrol.devices.stuffing import Frame

DONE: Final = 0
TRANSFER_ERROR: Final = -1
WRONG_MODE: Final = -3
WRONG_VERSION: Final = -5
BUSY: Final = -8
REPEAT_AFTER_US: Final = {TRANSFER_ERROR: 0, BUSY: 20_000}  # busy: the average answer takes less than 20 ms
PROTOCOL_VERSION: Final = 1  # what real devices send
ANSWER_US: Final = 100_000  # MaxResponseTime
INIT_WAIT_US: Final = 2_500_000  # a device that is still connected gives up after 1.2 s and then sends Init each 0.5 s
HANDSHAKE_WAIT_US: Final = 250_000  # with its repeats longer than the 0.5 s after which a lost InitAck is asked for again
SEEKING_WAIT_US: Final = 600_000  # without a connection it says Init each 0.5 s and answers nothing
IDLE_POLL_US: Final = 300_000  # the device gives up a host after 1.2 s also while it does nothing
ELECTRODE_ERROR: Final = -2
BURSTS: Final = ("", "single", "doublet", "triplet")
MODES: Final = ("is in start mode", "has its channel list ready and not started", "runs its channel list")
START, READY, STARTED = range(3)
SEEKING: Final = ReadBack(False, frozenset(), "It seeks a host: it has no connection, and stimulates nothing.")

MANNERS: Final = Manners(
    numbers=256,
    wait_us=ANSWER_US,
    poll_wait_us=ANSWER_US,
    one_at_a_time=True,  # a command that comes before the last one is answered gets "busy"
    refusals=frozenset({"UnknownCommand"}),
    signed_results=True,
)

POLL: Final = Ask(repeated(encode, "GetStimulationMode"), "GetStimulationModeAck")


class RehaStim2Driver(RehaStim2Profile, FramedDriver):
    """One RehaStim 2 (`Stimulator`).

    `prepare` sets up the channel list and leaves it stopped; the first `send` starts it, and with it the pulse clock that all
    channels share. Silent channels of the list are sent at 0 mA. After a lost connection its Init is what confirms a stop.
    """

    def __init__(self) -> None:
        super().__init__(MANNERS)
        self._mode: int | None = None
        self._shaking_hands = False
        self._session_lost = False

    # -- talks ---------------------------------------------------------------------------------------------------------

    def _connecting(self) -> Talk:
        """The device speaks first. A stop is sent all the same: a session from before may still be running."""
        self._shaking_hands = self._session_lost = False
        init = yield Ask(_frame("StopChannelListMode"), "Init", wait_us=INIT_WAIT_US, repeats=0, any_number=True)
        version = init.params["protocol_version"]
        if version != PROTOCOL_VERSION:
            self._shake_hands(init.params, WRONG_VERSION)
            raise SaysNo(
                WRONG_VERSION, f"It speaks version {version} of its protocol; only version {PROTOCOL_VERSION} is known."
            )
        self._shaking_hands = True
        self._shake_hands(init.params)
        _require_done((yield _ask("StopChannelListMode", wait_us=HANDSHAKE_WAIT_US)))
        mode = (yield from _question("GetStimulationMode"))["mode"]
        if mode != START:
            raise SaysNo(mode, f"After a stop, it {MODES[mode]}.")
        self._mode = START
        self._connected = True
        return [Connected(Identity("rehastim2", "", "", str(version)))]

    def _preparing(self, trains: Mapping[int, Train]) -> Steps:
        if self._mode != START:
            yield from self._stopping()
        rhythm = channel_list(trains)
        self._mode = None
        answer = yield _ask(
            "InitChannelListMode",
            low_frequency_factor=rhythm.slow_factor,
            active_channels=list(rhythm.channels),
            low_frequency_channels=list(rhythm.slow_channels),
            inter_pulse_interval_ms=rhythm.group_interval_us / US_PER_MS,
            main_interval_ms=rhythm.main_interval_us / US_PER_MS,
            channel_execution=0,
        )
        if answer.params.get("result") == WRONG_MODE and answer.repeated:
            mode = (yield from _question("GetStimulationMode"))["mode"]
            if mode != READY:
                _require_done(answer)
        else:
            _require_done(answer)
        self._mode = READY  # also when only the answer to the first transmission was lost

    def _setting(self, outputs: Outputs) -> Steps:
        wanted = {output.channel: output for output in outputs.channels}
        pulses = []
        for channel, train in sorted((self._prepared or {}).items()):
            output = wanted.get(channel)
            width_us = train.waveform.width_us if output is None else output.train.waveform.width_us
            pulses.append((BURSTS[train.burst_pulses], width_us, 0 if output is None else output.amplitude_ua))
        self._mode = None
        _require_done((yield Ask(lambda number: encode_start(number, pulses), "StartChannelListModeAck")))
        self._mode = STARTED

    @property
    def _is_strange(self) -> bool:
        """No connection (any more): the device answers no command, and its Init says that it has stopped everything."""
        return self._session_lost or not (self._connected or self._shaking_hands)

    def _stopping(self) -> Steps:
        self._mode = None
        if self._is_strange:
            yield Ask(_frame("StopChannelListMode"), "Init", wait_us=SEEKING_WAIT_US, any_number=True)
            return
        _require_done((yield _ask("StopChannelListMode")))
        self._mode = START

    def _reading_back(self) -> Talk:
        if self._is_strange:
            yield Ask(lambda _: b"", "Init", wait_us=SEEKING_WAIT_US, any_number=True)
            return [SEEKING]
        return [self._report((yield from _question("GetStimulationMode"))["mode"])]

    def _polling(self) -> Talk:
        answer = yield POLL
        if answer.params.get("result") != DONE:
            return [DeviceFault(_code(answer), f"It cannot tell what it does: {_words(answer)}.")]
        mode = answer.params["mode"]
        # A fault makes the host stop; what was read before that stop must not be taken for its confirmation.
        return self._fallen_back(mode) or [self._report(mode)]

    def _fallen_back(self, mode: int) -> list[DeviceEvent]:
        """A mode that is not the commanded one: its own message about that was lost."""
        expected = self._mode
        if expected is None or mode == expected or self.busy:
            return []
        self._mode = mode
        self._prepared = None
        return [
            DeviceFault(
                DONE,
                f"It {MODES[mode]} although it was told otherwise: an emergency switch, an electrode or a module has stopped "
                "it, or another program has commanded it.",
            )
        ]

    def _report(self, mode: int) -> ReadBack:
        """A running list at 0 mA looks the same as one with current: then the device does not tell."""
        telling = mode != STARTED or self._may_flow or self._prepared is None
        return ReadBack(mode == STARTED if telling else None, frozenset(), f"It {MODES[mode]}.")

    # -- what the device says by itself --------------------------------------------------------------------------------

    def _heard(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        if frame.command == "Init":
            return self._init_heard(frame, now_us)
        if frame.command == "StimulationError":
            return self._stimulation_error(frame.params["error"], now_us)
        code = frame.params.get("result", DONE)
        number = frame.params["packet_number"]
        if code in REPEAT_AFTER_US and self._exchange.again(frame.command, number, now_us + REPEAT_AFTER_US[code]):
            self._noise.note(f"The stimulator could not take a frame ({RESULTS[code]}); it is repeated.")
            return []
        return self._answered(frame, now_us)

    def _init_heard(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        """Init means: no host is known, nothing runs. Within a session that is a lost connection, never an answer."""
        pending = self._exchange.pending
        if pending is not None and pending[0] is Command.CONNECT:
            if not self._shaking_hands:
                return self._answered(frame, now_us)
            self._shake_hands(frame.params)
            return []
        if not self._connected:
            return self._answered(frame, now_us) if self._is_strange else []
        events: list[DeviceEvent] = [
            DeviceFault(
                DONE, "It has dropped the connection: it heard nothing for 1.2 s, or was switched off and on. It has stopped."
            )
        ]
        if pending is not None:
            events.append(Uncertain(pending[0], f"The stimulator has not confirmed {UNCONFIRMED[pending[0]]}.", pending[1]))
        self._exchange.restart()
        self._forget()
        self._session_lost = True
        return [*events, SEEKING]

    def _stimulation_error(self, error: int, now_us: int) -> list[DeviceEvent]:
        self._prepared = None
        self._mode = START
        self._keep_alive(now_us)
        text = f"It has stopped all channels: {STIMULATION_ERRORS.get(error, f'unknown error {error}')}."
        return [ElectrodeFault(None, text) if error == ELECTRODE_ERROR else DeviceFault(error, text)]

    def _unreadable(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        if frame.command == "StimulationError":
            data = bytes.fromhex(frame.params["data_hex"])
            return self._stimulation_error(int.from_bytes(data[:1], "big", signed=True), now_us)
        return super()._unreadable(frame, now_us)

    # -- the rest of the family ----------------------------------------------------------------------------------------

    def _new_decoder(self) -> FrameSource:
        return Decoder("device")

    def _require_trains(self, trains: Mapping[int, Train]) -> None:
        """Besides the ranges: the channels and the rhythm of the list that is prepared."""
        prepared = self._prepared or {}
        for channel, train in trains.items():
            ready = prepared.get(channel)
            if ready is None or _rhythm(train) != _rhythm(ready):
                raise ValueError(f"channel {channel} is not prepared for this rate and burst: stop and prepare it first")
        super()._require_trains({**prepared, **trains})

    def _keep_alive(self, now_us: int) -> None:
        every_us = self._poll_every_us if self._prepared is not None else IDLE_POLL_US
        self._exchange.poll(self._polling if self._connected else None, every_us, now_us)

    def _shake_hands(self, init: Mapping[str, Any], result: int = DONE) -> None:
        self._exchange.say(encode("InitAck", {"packet_number": init["packet_number"], "result": result}))


def _rhythm(train: Train) -> tuple[int, int, int]:
    return train.period_us, train.burst_pulses, train.burst_interval_us


def _frame(name: str, **params: Any) -> Any:
    return lambda number: encode(name, {"packet_number": number, **params})


def _ask(name: str, wait_us: int | None = None, **params: Any) -> Ask:
    return Ask(_frame(name, **params), f"{name}Ack", wait_us)


def _question(name: str) -> Question:
    answer = yield _ask(name)
    _require_done(answer)
    return answer.params


def _require_done(answer: Answer) -> None:
    if answer.params.get("result") != DONE:
        raise SaysNo(_code(answer), f"The stimulator refuses: {_words(answer)}.")


def _code(answer: Answer) -> int:
    return int(answer.params.get("result", WRONG_MODE))


def _words(answer: Answer) -> str:
    if "result" not in answer.params:
        return "it does not know the command"
    code = answer.params["result"]
    return f"{RESULTS.get(code, 'an unknown result')} (result {code})"
