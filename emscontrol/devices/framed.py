"""What the drivers of request-and-answer protocols have in common: the Stimulator port on one side, talks on the other."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final, Protocol

from emscontrol.core.errors import DeviceMisfit
from emscontrol.core.pulse import NOTHING, Outputs, Train
from emscontrol.core.stimulator import Acked, Capabilities, ChannelLimits, Cleared, Command, DeviceEvent, Uncertain
from emscontrol.core.units import format_ma
from emscontrol.devices.exchange import Exchange, Manners, Steps, Talk
from emscontrol.devices.hearing import FirstWords, NoiseReport
from emscontrol.devices.stuffing import Frame

REST_POLL_US: Final = 240_000
UNREADABLE: Final = "parameter_error"  # intact and of a known command, with values that cannot be


class FrameSource(Protocol):
    """A decoder: bytes in, frames out; `dropped` counts the bytes that belonged to none."""

    dropped: int

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes, return the frames they complete."""


class FramedDriver(ABC):
    """A `Stimulator` but for its profile. A family says how its talks run and what its unasked-for frames mean.

    `NUMBER` is what its codec calls the packet number.
    """

    NUMBER: ClassVar[str] = "packet_number"

    def __init__(self, manners: Manners) -> None:
        self._exchange: Final = Exchange(manners)
        self._decoder: FrameSource = self._new_decoder()
        self._noise = NoiseReport()
        self._first_words: FirstWords | None = None
        self._connected = False
        self._prepared: Mapping[int, Train] | None = None
        self._limits: Mapping[int, ChannelLimits] = {}
        self._commanded = NOTHING
        self._may_flow = False
        self._checked: list[tuple[int, Train]] | None = None

    # -- what a family says --------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """Ranges, steps, watchdog."""

    @abstractmethod
    def quantise_train(self, train: Train) -> Train:
        """The train in the device's steps."""

    @abstractmethod
    def quantise_amplitude(self, train: Train, amplitude_ua: int) -> int:
        """The amplitude in the device's steps."""

    @abstractmethod
    def misfits(self, trains: Mapping[int, Train]) -> tuple[str, ...]:
        """Why these trains cannot run together."""

    @abstractmethod
    def _new_decoder(self) -> FrameSource:
        """A decoder for what the device sends."""

    @abstractmethod
    def _connecting(self) -> Talk:
        """The handshake, with the output brought to zero first."""

    @abstractmethod
    def _preparing(self, trains: Mapping[int, Train]) -> Steps:
        """Ready for these trains, without current."""

    @abstractmethod
    def _setting(self, outputs: Outputs) -> Steps:
        """These outputs in force."""

    @abstractmethod
    def _stopping(self) -> Steps:
        """All output off."""

    @abstractmethod
    def _reading_back(self) -> Talk:
        """What the device is doing."""

    @abstractmethod
    def _heard(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        """A whole frame: an answer, or something said unasked."""

    @abstractmethod
    def _keep_alive(self, now_us: int) -> None:
        """Set the polls that the present state needs."""

    # -- the port ------------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """True while a command waits for its acknowledgement."""
        return self._exchange.pending is not None

    @property
    def gives_way(self) -> bool:
        """Never, where outputs are one request: it is written at once."""
        return False

    @property
    def late_answers(self) -> int:
        """How many frames answered nothing that was outstanding; they were ignored."""
        return self._exchange.late

    def connect(self, now_us: int) -> bytes:
        """Begin the handshake anew, forgetting all that was."""
        self._exchange.restart()
        self._decoder = self._new_decoder()
        self._first_words = FirstWords()
        self._forget()
        self._exchange.begin(Command.CONNECT, self._connecting(), now_us)
        return self.tick(now_us)

    def prepare(self, trains: Mapping[int, Train], limits: Mapping[int, ChannelLimits], now_us: int) -> bytes:
        """Make the device ready for these channels, rounded to its steps.

        Raises DeviceMisfit when they do not fit, RuntimeError when not connected or busy.
        """
        self._require_free()
        made = {channel: self.quantise_train(train) for channel, train in trains.items()}
        misfits = self.misfits(made) if made else ("No channel is used: name at least one.",)
        if misfits:
            raise DeviceMisfit(f"The {self.capabilities.name} cannot run this.", misfits)
        self._checked = None
        self._limits = limits
        self._exchange.begin(Command.PREPARE, self._making_ready(made), now_us)
        return self.tick(now_us)

    def check_electrode(self, channel: int, now_us: int) -> bytes:
        """Refused: a family whose devices measure at rest says how."""
        raise DeviceMisfit(f"The {self.capabilities.name} does not measure electrodes at rest.", ())

    def send(self, cleared: Cleared, now_us: int) -> bytes:
        """Put these outputs in force exactly as they are.

        Raises TypeError for anything the gate has not made, RuntimeError when not prepared or busy, ValueError for outputs that
        are not in the device's steps and ranges: a driver never rounds.
        """
        if type(cleared) is not Cleared:
            raise TypeError("a driver takes only outputs that the safety gate has cleared")
        self._require_free()
        if self._prepared is None:
            raise RuntimeError("prepare the device before sending outputs")
        self._require_fit(cleared.outputs)
        self._may_flow = self._may_flow or not cleared.outputs.is_zero
        self._exchange.begin(Command.OUTPUTS, self._sending(cleared.outputs, cleared.number), now_us, cleared.number)
        return self.tick(now_us)

    def stop(self, now_us: int) -> bytes:
        """Turn all output off. The frame goes out alone, and no keep-alive follows it until the device has confirmed."""
        self._exchange.drop()
        self._prepared = None
        self._exchange.begin(Command.STOP, self._ending(), now_us)
        return self.tick(now_us)

    def read_back(self, now_us: int) -> bytes:
        """Ask the device what it is doing; `ReadBack` follows, or `Uncertain` with Command.STATUS."""
        self._exchange.ask_status(self._reading_back(), now_us)
        return self.tick(now_us)

    def tick(self, now_us: int) -> bytes:
        """Repeats and keep-alives that are due."""
        data = self._exchange.take(now_us)
        if self._first_words is not None:
            self._first_words.sent(data)
        return data

    def receive(self, data: bytes, now_us: int) -> list[DeviceEvent]:
        """What the bytes and the time mean. Never raises for any bytes."""
        events = self._read(data, now_us) if data else []
        for event in self._exchange.expire(now_us):
            events.append(self._unconfirmed(event) if isinstance(event, Uncertain) else event)
        events += self._noise.events(now_us)
        return events

    def due_us(self) -> int | None:
        """When `tick` (and `receive` with no bytes) is needed next, or None."""
        return self._exchange.due_us()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _read(self, data: bytes, now_us: int) -> list[DeviceEvent]:
        events: list[DeviceEvent] = []
        if self._first_words is not None:
            self._first_words.heard(data)
        dropped = self._decoder.dropped
        for frame in self._decoder.feed(data):
            events += self._take(frame, now_us)
        if self._decoder.dropped > dropped:
            self._noise.note(f"{self._decoder.dropped - dropped} bytes that belong to no frame were dropped.")
        return events

    def _forget(self) -> None:
        self._connected = False
        self._prepared = None
        self._at_zero()

    def _at_zero(self) -> None:
        self._commanded = NOTHING
        self._may_flow = False

    def _making_ready(self, trains: Mapping[int, Train]) -> Talk:
        self._prepared = None
        yield from self._preparing(trains)
        self._prepared = trains
        self._at_zero()
        return [Acked(Command.PREPARE)]

    def _sending(self, outputs: Outputs, number: int) -> Talk:
        yield from self._setting(outputs)
        self._commanded = outputs
        self._may_flow = not outputs.is_zero
        return [Acked(Command.OUTPUTS, number)]

    def _ending(self) -> Talk:
        yield from self._stopping()
        self._at_zero()
        return [Acked(Command.STOP)]

    def _require_free(self) -> None:
        if not self._connected:
            raise RuntimeError("the stimulator is not connected")
        if self.busy:
            raise RuntimeError("a command is outstanding; ask busy first")

    def _require_fit(self, outputs: Outputs) -> None:
        """Every figure must already be one the device can make. The trains are looked at only when they have changed."""
        device = self.capabilities
        trains = [(output.channel, output.train) for output in outputs.channels]
        if trains != self._checked:
            channels = [channel for channel, _ in trains]
            if channels != sorted(set(channels)):
                raise ValueError(f"channels {channels} are not ascending, or one is named twice")
            self._require_trains(dict(trains))
            self._checked = trains
        for output in outputs.channels:
            amplitude_ua = output.amplitude_ua
            if not 0 <= amplitude_ua <= device.amplitude_max_ua:
                raise ValueError(
                    f"channel {output.channel}: {format_ma(amplitude_ua)} is outside what the {device.name} can do"
                )
            if self.quantise_amplitude(output.train, amplitude_ua) != amplitude_ua:
                raise ValueError(
                    f"channel {output.channel}: {format_ma(amplitude_ua)} is between the steps of the {device.name}"
                )

    def _require_trains(self, trains: Mapping[int, Train]) -> None:
        for channel, train in trains.items():
            if self.quantise_train(train) != train:
                raise ValueError(f"channel {channel}: {train} is between the steps of the {self.capabilities.name}")
        misfits = self.misfits(trains)
        if misfits:
            raise ValueError(" ".join(misfits))

    def _take(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        if frame.error not in (None, UNREADABLE):
            self._noise.note(f"A frame was dropped ({str(frame.error).replace('_', ' ')}).")
            return []
        if self._first_words is not None:
            self._first_words.frames += 1
        was_free = not self.busy
        events = self._heard(frame, now_us) if frame.error is None else self._unreadable(frame, now_us)
        if not (was_free or self.busy):
            self._settle(now_us)
        return events

    @property
    def _poll_every_us(self) -> int:
        """Often while current may flow; at rest often enough to find an output that nobody asked for within T_LINK_LOST."""
        return self.capabilities.keepalive_us if self._may_flow else REST_POLL_US

    def _settle(self, now_us: int) -> None:
        """A command has come to its end: watch the link and keep the device alive as the new state needs it."""
        self._exchange.silence.watching = self._connected
        if self._connected:
            self._first_words = None
        self._keep_alive(now_us)

    def _unreadable(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        """A whole frame of a known command whose values cannot be."""
        data = bytes.fromhex(frame.params["data_hex"])
        return self._exchange.unreadable(frame.command, frame.params[self.NUMBER], data, now_us)

    def _answered(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        """Give a frame to the talk that asked for it."""
        return self._exchange.answered(frame.command, frame.params[self.NUMBER], frame.params, now_us)

    def _unconfirmed(self, event: Uncertain) -> Uncertain:
        """What an unconfirmed command means for the state; a failed handshake says what was heard instead."""
        if event.command in (Command.OUTPUTS, Command.PREPARE):
            self._prepared = None
        if event.command is not Command.CONNECT:
            return event
        words, self._first_words = self._first_words, None
        heard = words.verdict() if words is not None else ""
        return Uncertain(event.command, f"No {self.capabilities.name} answered. {heard}".strip(), event.number)
