"""Driver of the reference stimulator: limits handed over and read back, an epoch, a lease, contractions made in the device."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final, NoReturn

from emscontrol.core.budget import T_ACK
from emscontrol.core.errors import DeviceMisfit
from emscontrol.core.pulse import Outputs, Train
from emscontrol.core.stimulator import (
    Battery,
    Capabilities,
    ChannelLimits,
    Cleared,
    Command,
    Connected,
    DeviceEvent,
    DeviceFault,
    ElectrodeFault,
    Identity,
    Impedance,
    Telemetry,
    Uncertain,
)
from emscontrol.core.units import US_PER_MS
from emscontrol.devices.exchange import Answer, Ask, Doubts, Manners, Question, SaysNo, Steps, Talk
from emscontrol.devices.framed import REST_POLL_US, FramedDriver, FrameSource
from emscontrol.devices.reference.commands import COMMANDS, LEASE_MAX_MS, UNKNOWN_OHM, VERSION, FaultBit, Result, Status
from emscontrol.devices.reference.echo import mismatch
from emscontrol.devices.reference.grant import limit_params
from emscontrol.devices.reference.layout import LIST
from emscontrol.devices.reference.order import InForce, Order, orders, train_params
from emscontrol.devices.reference.profile import CAPABILITIES, SWELL_PART_MAX_US, ReferenceProfile, lowered, unusable
from emscontrol.devices.reference.report import MAINS, fault_events, read_back, result_words, state_name, telemetry
from emscontrol.devices.reference.wire import ANSWERED, Decoder, request
from emscontrol.devices.stuffing import Frame

ANSWER_US: Final = T_ACK * US_PER_MS
CONNECT_WAIT_US: Final = 250_000  # a device that has just been plugged in may be slow
CHECK_EVERY_US: Final = 100_000
CHECK_TRIES: Final = 3
END_BYTE: Final = b"\0"
OFF: Final = (Status.IDLE, Status.FAULT)
DISARMED: Final = frozenset({Result.NO_EPOCH, Result.WRONG_EPOCH, Result.MISBELIEF, Result.WRONG_STATE})
TOLD_AT_ONCE: Final = FaultBit.LEASE_OVER.value  # what a device says of the time before the handshake is no fault of now
FAULTS: Final = (DeviceFault, ElectrodeFault)

RENEWAL: Final = Order("RENEW")
REST_RENEW_US: Final = 200_000  # armed and nothing commanded: one renewal may be lost, and the lease of 500 ms still holds
OF_AN_ARMING: Final = frozenset(command.name + ANSWERED for command in COMMANDS if command.epoch)

MANNERS: Final = Manners(
    numbers=65_536,
    wait_us=ANSWER_US,
    poll_wait_us=ANSWER_US,
    one_at_a_time=True,
    refusals=frozenset(),
    signed_results=False,
    same_number=True,
)


class ReferenceDriver(ReferenceProfile, FramedDriver):
    """One reference stimulator (`Stimulator`).

    From `prepare` on the device is armed: the keep-alive renews its lease and says which channels this driver believes
    commanded. After anything that may have ended the arming nothing is renewed any more, until it is prepared anew.
    """

    NUMBER = "seq"

    def __init__(self) -> None:
        self._line = Decoder("device")
        super().__init__(MANNERS)
        self._able = CAPABILITIES
        self._lowered: tuple[str, ...] = ()
        self._now_us = 0
        self._epoch = 0
        self._in_force = InForce()
        self._plan: tuple[Order, ...] = ()  # what is still to be written of the present outputs
        self._instead: Cleared | None = None
        self._told = 0
        self._battery = MAINS

    # -- the port, where it differs ------------------------------------------------------------------------------------

    @property
    def capabilities(self) -> Capabilities:
        """Those of the profile; once connected, each as low as the device reports it."""
        return self._able

    @property
    def lowered(self) -> tuple[str, ...]:
        """In what the connected device does less than the profile, in words."""
        return self._lowered

    def prepare(self, trains: Mapping[int, Train], limits: Mapping[int, ChannelLimits], now_us: int) -> bytes:
        """As every driver; the limits are latched in the device. Raises ValueError for a channel without limits."""
        self._require_free()
        self._now_us = now_us
        without = sorted(trains.keys() - limits.keys())
        if without:
            raise ValueError(f"channel {', '.join(map(str, without))} has no limits, and this device is armed with limits only")
        return super().prepare(trains, limits, now_us)

    @property
    def gives_way(self) -> bool:
        """While outputs are on their way in several commands: zero takes the place of those not written yet."""
        pending = self._exchange.pending
        return pending is not None and pending[0] is Command.OUTPUTS and bool(self._plan or not self._exchange.is_written)

    def send(self, cleared: Cleared, now_us: int) -> bytes:
        """As every driver. Outputs with a `swell` become contractions; see `order` for what goes together."""
        self._now_us = now_us
        if type(cleared) is Cleared and cleared.outputs.is_zero and self.gives_way:
            return self._send_instead(cleared, now_us)
        return super().send(cleared, now_us)

    def _send_instead(self, cleared: Cleared, now_us: int) -> bytes:
        """Zero in place of all that has not been written yet. What has been is answered first: one command at a time."""
        self._plan = orders(self._in_force, cleared.outputs, now_us)
        if self._exchange.is_written:
            self._instead = cleared
            self._exchange.renumber(cleared.number)
        else:
            self._instead = None
            self._exchange.begin(Command.OUTPUTS, self._sending(cleared.outputs, cleared.number), now_us, cleared.number)
        return self.tick(now_us)

    def check_electrode(self, channel: int, now_us: int) -> bytes:
        """Measure a channel at rest; `Impedance` follows.

        Raises DeviceMisfit for a channel or device that cannot be measured, RuntimeError when busy, not connected or armed.
        """
        if "impedance" not in self._able.measures or not 1 <= channel <= self._able.channels:
            raise DeviceMisfit(f"The {self._able.name} does not measure the electrodes of channel {channel}.")
        self._require_free()
        if self._epoch:
            raise RuntimeError("electrodes are measured at rest; stop first")
        self._exchange.begin(Command.CHECK, self._checking(channel), now_us)
        return self.tick(now_us)

    def receive(self, data: bytes, now_us: int) -> list[DeviceEvent]:
        """What the bytes and the time mean. Never raises for any bytes."""
        self._now_us = now_us
        self._line.at(now_us)
        return super().receive(data, now_us)

    # -- talks ---------------------------------------------------------------------------------------------------------

    def _connecting(self) -> Talk:
        self._exchange.say(END_BYTE)
        hello = yield from _question("HELLO", CONNECT_WAIT_US, version_min=VERSION, version_max=VERSION)
        if hello["version"] != VERSION:
            raise SaysNo(Result.NO_VERSION, f"It answers in version {hello['version']} of its protocol; {VERSION} was offered.")
        _require_off(hello["state"], "greeting")
        identity = yield from _question("IDENTIFY")
        able, less = lowered((yield from _question("CAPABILITIES")))
        if reason := unusable(able):
            raise SaysNo(Result.NOT_CAPABLE, reason)
        block = yield from _question("STATUS")
        if block["state"] == Status.FAULT:
            yield _ask("CLEAR")  # a fault that stands all the same is told below
            block = yield from _question("STATUS")
        self._able, self._lowered = able, less
        self._connected = True
        self._told = block["faults"] & TOLD_AT_ONCE
        standing = [event for event in self._report(block, seen=False) if not isinstance(event, Telemetry)]
        return [Connected(Identity("reference", identity["serial"], identity["firmware"], str(VERSION))), *standing]

    def _preparing(self, trains: Mapping[int, Train]) -> Steps:
        self._exchange.poll(None, 0, 0)
        if self._epoch:
            yield from self._stopping()
        yield from self._to_idle()
        for channel, train in sorted(trains.items()):
            params = limit_params(channel, train, self._limits[channel], self._able)
            yield from _question("LIMITS", **params)
            latched = yield from _question("READ_LIMITS", channel=channel)
            _require_same(params, latched)
            yield from _question("TRAIN", **train_params(channel, train))
        lease_ms = min(LEASE_MAX_MS, self._able.watchdog_us // US_PER_MS)
        epoch = (yield from _question("ARM", lease_ms=lease_ms))["epoch"]
        if not epoch:
            raise SaysNo(Result.NO_EPOCH, "It says that it is armed, but with no epoch.")
        self._epoch = epoch
        self._in_force = InForce(trains=trains)
        self._told &= ~TOLD_AT_ONCE

    def _to_idle(self) -> Steps:
        block = yield from _question("STATUS")
        if block["faults"] & FaultBit.REBOOTED:
            raise SaysNo(Result.WRONG_STATE, "It has restarted since it was connected. Connect again.")
        if block["state"] == Status.FAULT:
            answer = yield _ask("CLEAR")
            if answer.params["result"] != Result.OK:
                block = yield from _question("STATUS")
                standing = " ".join(event.text for event in fault_events(block["faults"] & ~TOLD_AT_ONCE, block))
                raise SaysNo(answer.params["result"], standing or f"The stimulator refuses: {result_words(answer.params)}.")
            self._told &= TOLD_AT_ONCE
        elif block["state"] != Status.IDLE:
            yield from self._stopping()

    def _sending(self, outputs: Outputs, number: int) -> Talk:
        acked = yield from super()._sending(outputs, number)
        if self._instead is None:
            return acked
        # The rest of the plan was the one for zero, and nothing is left of it: only what is in force is to be noted.
        return (yield from super()._sending(self._instead.outputs, self._instead.number))

    def _setting(self, outputs: Outputs) -> Steps:
        half_done = False
        while self._plan:
            order, self._plan = self._plan[0], self._plan[1:]
            answer = yield self._ask_order(order)
            if answer.params["result"] != Result.OK:
                self._refused(answer.params, half_done)
            half_done = True
            wrong = mismatch(order, self._in_force, answer.params[LIST]) if order.amplitudes or order.name == "SET" else ""
            if wrong:
                self._lost()
                raise Doubts(wrong)
            self._in_force = self._in_force.after(order, self._now_us)
        self._in_force = replace(self._in_force, wanted={o.channel: o for o in outputs.channels if o.amplitude_ua})

    def _stopping(self) -> Steps:
        self._disarm()
        write = request("STOP", {})
        answer = yield Ask(lambda number: END_BYTE + write(number, 0), "STOP" + ANSWERED)
        _require_ok(answer)
        _require_off(answer.params["state"], "stop")

    def _reading_back(self) -> Talk:
        answer = yield _ask("STATUS")
        _require_ok(answer)
        return self._report(answer.params)

    def _watching(self) -> Talk:
        """The poll of a device that is not armed."""
        answer = yield _ask("STATUS")
        if answer.params["result"] != Result.OK:
            return [DeviceFault(answer.params["result"], f"It cannot tell what it does: {result_words(answer.params)}.")]
        return self._report(answer.params, seen=not self._exchange.overlapped(answer.asked_us))

    def _renewing(self) -> Talk:
        """The poll of an armed device: it renews the lease, and tells what is measured."""
        if not self._epoch:
            return (yield from self._watching())
        answer = yield self._ask_order(RENEWAL)
        if answer.params["result"] == Result.OK:
            return self._report(answer.params, seen=not self._exchange.overlapped(answer.asked_us))
        if not self._epoch:
            return []  # it is known already that the arming has ended
        self._disarm()
        why = (yield _ask("STATUS")).params
        self._lost()
        told = self._report(why, seen=False) if why["result"] == Result.OK else []
        if any(isinstance(event, FAULTS) for event in told):
            return told
        return [*told, DeviceFault(answer.params["result"], f"It is not armed any more: {result_words(answer.params)}.")]

    def _checking(self, channel: int) -> Talk:
        answer = yield _ask("CHECK", channel=channel)
        for _ in range(CHECK_TRIES - 1):
            if answer.params["result"] != Result.TOO_SOON:
                break
            answer = yield replace(_ask("CHECK", channel=channel), delay_us=CHECK_EVERY_US)
        _require_ok(answer)
        if answer.params["channel"] != channel:
            raise Doubts(f"It has measured channel {answer.params['channel']} where channel {channel} was asked for.")
        ohm = answer.params["ohm"]
        if ohm == UNKNOWN_OHM:
            return [Impedance(channel, None, f"Channel {channel}: nothing is connected, or no contact is made.")]
        return [Impedance(channel, ohm, f"Channel {channel}: {ohm} Ω.")]

    # -- what it says --------------------------------------------------------------------------------------------------

    def _heard(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        if frame.command == "EVENT":
            return self._event(frame.params)
        if frame.command in OF_AN_ARMING and not frame.params["result"] and frame.params["epoch"] != self._epoch:
            self._exchange.late += 1
            return []
        return self._answered(frame, now_us)

    def _event(self, block: Mapping[str, Any]) -> list[DeviceEvent]:
        """Something that no command caused. What belongs to another arming is ignored and counted."""
        if self._epoch and block["epoch"] != self._epoch:
            self._exchange.late += 1
            return []
        was_armed = bool(self._epoch)
        told = self._report(block, seen=False)
        if was_armed and block["state"] in OFF and not any(isinstance(event, FAULTS) for event in told):
            self._lost()
            told.append(DeviceFault(Result.NO_EPOCH, f"It has disarmed by itself, and says {state_name(block['state'])}."))
        return told

    def _report(self, block: Mapping[str, Any], seen: bool = True) -> list[DeviceEvent]:
        """What a status block means. A fault makes the host stop: what was read before that is no confirmation of it.

        Without `seen` nothing is said about which channels are on: it would be about outputs of before.
        """
        events: list[DeviceEvent] = [telemetry(block)] if block[LIST] else []
        if block["battery"] not in (MAINS, self._battery):
            events.append(Battery(block["battery"]))
        self._battery = block["battery"]
        faults = fault_events(block["faults"] & ~self._told, block)
        self._told = block["faults"]
        if faults and self._epoch:
            self._lost()
        if not faults and seen:
            events.append(read_back(block, bool(self._epoch)))
        return [*events, *faults]

    def _unreadable(self, frame: Frame, now_us: int) -> list[DeviceEvent]:
        if frame.command == "EVENT":
            return [DeviceFault(Result.BAD_VALUE, "It says something by itself that its protocol does not have.")]
        return super()._unreadable(frame, now_us)

    # -- being armed, and not ------------------------------------------------------------------------------------------

    def _disarm(self) -> None:
        """Nothing is renewed any more, and no frame carries the epoch."""
        self._epoch = 0
        self._in_force = InForce()

    def _lost(self) -> None:
        """The device is not armed any more, or may not be: only looked at from here on."""
        self._disarm()
        self._prepared = None
        self._at_zero()
        self._keep_alive(self._now_us)

    def _forget(self) -> None:
        super()._forget()
        self._disarm()
        self._able, self._lowered = CAPABILITIES, ()
        self._told, self._battery = 0, MAINS

    def _unconfirmed(self, event: Uncertain) -> Uncertain:
        if event.command in (Command.OUTPUTS, Command.PREPARE):
            self._lost()
        return super()._unconfirmed(event)

    def _refused(self, params: Mapping[str, Any], half_done: bool) -> NoReturn:
        """The device says no to new outputs."""
        words = result_words(params)
        if params["result"] in DISARMED:
            self._lost()
            raise SaysNo(params["result"], f"It is not armed any more: {words}.")
        if half_done:
            self._lost()
            raise Doubts(f"The stimulator has taken a part of the new outputs and refuses the rest: {words}.")
        raise SaysNo(params["result"], f"The stimulator refuses: {words}.")

    # -- the rest of the family ----------------------------------------------------------------------------------------

    def _new_decoder(self) -> FrameSource:
        self._line = Decoder("device")
        return self._line

    def _require_fit(self, outputs: Outputs) -> None:
        super()._require_fit(outputs)
        for output in outputs.channels:
            swell = output.swell
            if swell is not None and not (
                swell.end_us and all(0 <= part <= SWELL_PART_MAX_US for part in (swell.rise_us, swell.hold_us, swell.fall_us))
            ):
                raise ValueError(f"channel {output.channel}: {swell} is no contraction that the {self._able.name} makes")
        self._plan = orders(self._in_force, outputs, self._now_us)
        self._instead = None

    def _ask_order(self, order: Order) -> Ask:
        if order.name == "RENEW":
            # Made when it is written: outputs that are acknowledged while it waits for its turn change what it says.
            return Ask(lambda number: self._renewal()(number, self._epoch), order.name + ANSWERED)
        write = request(order.name, order.params)
        if order.name == "TRAIN":  # renews no lease
            return Ask(lambda number: write(number, 0), order.name + ANSWERED, gives_way=True)
        return Ask(lambda number: write(number, self._epoch), order.name + ANSWERED)

    def _renewal(self) -> Callable[[int, int], bytes]:
        """`RENEW` with what is believed to be commanded."""
        return _renewing(sum([1 << channel - 1 for channel in self._in_force.amplitudes]))

    def _keep_alive(self, now_us: int) -> None:
        if self._epoch:
            self._exchange.poll(self._renewing, self._able.keepalive_us if self._may_flow else REST_RENEW_US, now_us)
        else:
            self._exchange.poll(self._watching if self._connected else None, REST_POLL_US, now_us)


@cache
def _renewing(channels: int) -> Callable[[int, int], bytes]:
    state = Status.ACTIVE if channels else Status.ARMED
    return request("RENEW", {"state": state.value, "channels": channels})


def _ask(name: str, wait_us: int | None = None, **params: Any) -> Ask:
    write = request(name, params)
    return Ask(lambda number: write(number, 0), name + ANSWERED, wait_us)


def _question(name: str, wait_us: int | None = None, **params: Any) -> Question:
    answer = yield _ask(name, wait_us, **params)
    _require_ok(answer)
    return answer.params


def _require_ok(answer: Answer) -> None:
    if answer.params["result"] != Result.OK:
        raise SaysNo(answer.params["result"], f"The stimulator refuses: {result_words(answer.params)}.")


def _require_off(state: int, after: str) -> None:
    if state not in OFF:
        raise SaysNo(Result.WRONG_STATE, f"After a {after} it says {state_name(state)}: it must be off then.")


def _require_same(sent: Mapping[str, int], latched: Mapping[str, int]) -> None:
    """The limits as they are read back, field by field."""
    for name, value in sent.items():
        if latched[name] != value:
            where = f"{name} of channel {sent['channel']}"
            raise SaysNo(
                Result.BAD_VALUE, f"It does not hold the limits it was given: {where} is {latched[name]}, not {value}."
            )
