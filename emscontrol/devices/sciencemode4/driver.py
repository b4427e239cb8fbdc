"""Driver of the HASOMED P24: the mid level of ScienceMode 4, where the device makes the trains by itself."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from emscontrol.core.budget import T_ACK
from emscontrol.core.pulse import Output, Outputs, Train
from emscontrol.core.stimulator import Connected, DeviceEvent, DeviceFault, ElectrodeFault, Identity, ReadBack
from emscontrol.core.units import US_PER_MS
from emscontrol.devices.declare.compiled import repeated
from emscontrol.devices.exchange import Answer, Ask, Manners, Question, SaysNo, Steps, Talk
from emscontrol.devices.framed import FramedDriver, FrameSource
from emscontrol.devices.sciencemode4.profile import P24Profile
from emscontrol.devices.sciencemode4.wire import RESULTS, Decoder, encode, encode_ml_update
from emscontrol.devices.stuffing import Frame

OK: Final = 0
TRANSFER_ERROR: Final = 1
WRONG_VERSION: Final = 3
WRONG_LEVEL: Final = 7  # not initialized, or the other level is active
BUSY: Final = 21
NOT_TAKEN: Final = frozenset({TRANSFER_ERROR, BUSY})  # the request had no effect and may be repeated
SCIENCEMODE_MAJOR: Final = 4
STATES_OF_8_CHANNELS: Final = 4  # the one selection of ml_get_current_data that is documented for the P24
CONNECT_WAIT_US: Final = 250_000  # a device that has just been plugged in may be slow
POLL_WAIT_US: Final = 120_000  # two polls fit into T_LINK_LOST
MISSING_POLLS: Final = 2  # so many polls in a row must show a channel off before that is a fault

STIM_STATUS: Final = {
    0: "no level is initialized",
    1: "the low level is initialized",
    2: "the mid level is initialized and not running",
    3: "the mid level is running",
}
RUNNING: Final = 3
MID_LEVEL: Final = 2

MANNERS: Final = Manners(
    numbers=64,
    wait_us=T_ACK * US_PER_MS,
    poll_wait_us=POLL_WAIT_US,
    one_at_a_time=False,
    refusals=frozenset({"unknown_cmd"}),
    signed_results=False,
)

POLL: Final = Ask(repeated(encode, "ml_get_current_data", selection=STATES_OF_8_CHANNELS), "ml_get_current_data_ack")
ELECTRODE_ERROR: Final = 1
CHANNEL_FAULTS: Final = {
    2: (16, "the pulse did not fit its time frame: use a lower rate or a shorter pulse"),
    3: (28, "less current was measured than was set: check the contact of the electrode"),
}
"""Channel states of ml_get_current_data that are no electrode error: the result code they stand for, and what they mean."""


class P24Driver(P24Profile, FramedDriver):
    """One P24 (`Stimulator`)."""

    def __init__(self) -> None:
        super().__init__(MANNERS)
        self._level_on = False
        self._states: tuple[int, ...] = ()
        self._missing_polls = 0

    # -- talks ---------------------------------------------------------------------------------------------------------

    def _connecting(self) -> Talk:
        status = yield from _question("get_stim_status", wait_us=CONNECT_WAIT_US)
        if status["stim_status"]:
            yield from self._stopping()
            status = yield from _question("get_stim_status")
        if status["stim_status"]:
            raise SaysNo(status["stim_status"], f"After a stop, {STIM_STATUS[status['stim_status']]}.")
        device = yield from _question("get_device_id")
        version = yield from _question("get_extended_version")
        protocol = ".".join(map(str, version["sciencemode"]))
        if version["sciencemode"][0] != SCIENCEMODE_MAJOR:
            raise SaysNo(WRONG_VERSION, f"It speaks ScienceMode {protocol}; a P24 speaks ScienceMode {SCIENCEMODE_MAJOR}.")
        self._connected = True
        self._level_on = False
        return [Connected(Identity("p24", device["device_id"], ".".join(map(str, version["firmware"])), protocol))]

    def _preparing(self, trains: Mapping[int, Train]) -> Steps:
        if self._level_on:
            yield from self._stopping()
        self._level_on = True
        self._states, self._missing_polls = (), 0
        answer = yield _ask("ml_init", stop_all_on_error=True)
        if answer.params["result"] == WRONG_LEVEL and answer.repeated:
            status = yield from _question("get_stim_status")
            if status["stim_status"] == MID_LEVEL:
                return  # the first transmission was heard, only its answer was lost
        _require_ok(answer)

    def _setting(self, outputs: Outputs) -> Steps:
        trains = [_train(output) for output in outputs.channels if output.amplitude_ua]
        _require_ok((yield Ask(lambda number: encode_ml_update(number, trains), "ml_update_ack")))

    def _stopping(self) -> Steps:
        answer = yield _ask("ml_stop")
        if answer.params["result"] == WRONG_LEVEL:
            answer = yield _ask("ll_stop")
        if answer.params["result"] != WRONG_LEVEL:
            _require_ok(answer)
        self._level_on = False

    def _reading_back(self) -> Talk:
        status = (yield from _question("get_stim_status"))["stim_status"]
        if status == RUNNING and self._prepared is not None:
            return (yield from self._polling())
        return [ReadBack(status == RUNNING, frozenset(), STIM_STATUS[status])]

    def _polling(self) -> Talk:
        answer = yield POLL
        code = answer.params["result"]
        if code != OK:
            self._prepared = None
            self._exchange.poll(None, 0, 0)
            return [DeviceFault(code, f"It has left the mid level or cannot tell what it does: {_words(code)}.")]
        if "channel_state" not in answer.params:
            return []
        states = tuple(answer.params["channel_state"])
        active = _channels_on(tuple(answer.params["active"]))
        events = self._state_events(states)
        if self._exchange.overlapped(answer.asked_us):
            return events
        # A fault makes the host stop; what was read before that stop must not be taken for its confirmation.
        return events or self._missing(active, states) or [ReadBack(bool(active), active)]

    def _state_events(self, states: tuple[int, ...]) -> list[DeviceEvent]:
        """What is new about the channels since the last poll."""
        if states == self._states:
            return []
        before = self._states or (OK,) * len(states)
        self._states = states
        new = [(place + 1, state) for place, state in enumerate(states) if state not in (OK, before[place])]
        return [_state_event(channel, state) for channel, state in new]

    def _missing(self, active: frozenset[int], states: tuple[int, ...]) -> list[DeviceEvent]:
        """Channels that should carry current and do not, without an error of theirs that says why."""
        missing = {output.channel for output in self._commanded.channels if output.amplitude_ua} - active
        self._missing_polls = self._missing_polls + 1 if missing and not any(states) else 0
        if self._missing_polls != MISSING_POLLS:
            return []
        names = ", ".join(map(str, sorted(missing)))
        return [
            DeviceFault(OK, f"It says that channel {names} is off although current is set: it has paused or stopped by itself.")
        ]

    # -- the rest of the family ----------------------------------------------------------------------------------------

    def _new_decoder(self) -> FrameSource:
        return Decoder("device")

    def _heard(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        code = frame.params.get("result", OK)
        if frame.command == "general_error":
            return self._general_error(code, now_us)
        if code in NOT_TAKEN and self._exchange.again(frame.command, frame.params["packet_number"], now_us):
            self._noise.note(f"The stimulator could not take a frame ({_words(code)}); it is repeated.")
            return []
        return self._answered(frame, now_us)

    def _general_error(self, code: int, now_us: int) -> list[DeviceEvent]:
        if code not in NOT_TAKEN:
            return [DeviceFault(code, f"It reports a general error: {_words(code)}.")]
        self._exchange.again_all(now_us)
        self._noise.note(f"The stimulator could not take a frame ({_words(code)}); what is outstanding is repeated.")
        return []

    def _keep_alive(self, now_us: int) -> None:
        self._exchange.poll(self._polling if self._prepared is not None else None, self._poll_every_us, now_us)


def _ask(name: str, wait_us: int | None = None, **params: Any) -> Ask:
    return Ask(lambda number: encode(name, {"packet_number": number, **params}), f"{name}_ack", wait_us)


def _question(name: str, wait_us: int | None = None) -> Question:
    answer = yield _ask(name, wait_us)
    _require_ok(answer)
    return answer.params


def _require_ok(answer: Answer) -> None:
    code = answer.params["result"]
    if code != OK or not answer.name.endswith("_ack"):
        raise SaysNo(code, f"The stimulator refuses: {_words(code)}.")


def _words(code: int) -> str:
    return f"{RESULTS.get(code, 'an unknown result')} (result {code})"


@lru_cache(maxsize=256)
def _channels_on(flags: tuple[bool, ...]) -> frozenset[int]:
    return frozenset(place + 1 for place, on in enumerate(flags) if on)


def _state_event(channel: int, state: int) -> DeviceEvent:
    if state == ELECTRODE_ERROR:
        return ElectrodeFault(channel, f"The electrode of channel {channel} is off or makes poor contact.")
    code, text = CHANNEL_FAULTS.get(state, (OK, f"it reports the unknown state {state}"))
    return DeviceFault(code, f"Channel {channel}: {text}.")


def _train(output: Output) -> tuple[int, int, int, list[tuple[int, int]]]:
    """Channel from 0, period, no ramp of the device's own, and the pulse as points that add up to no charge."""
    waveform = output.train.waveform
    amplitude_ua, ratio = output.amplitude_ua, waveform.recovery_ratio
    if amplitude_ua % ratio:
        raise ValueError(f"channel {output.channel}: the phases of a pulse do not cancel at {amplitude_ua} µA")
    gap = [(waveform.gap_us, 0)] if waveform.gap_us else []
    points = [(waveform.width_us, amplitude_ua), *gap, (waveform.width_us * ratio, -amplitude_ua // ratio)]
    return output.channel - 1, output.train.period_us, 0, points
