"""From what is in force on a device to what is wanted: which commands, in which order.

`SET` names the complete set of plain amplitudes: what it leaves out goes to zero, and contractions end with it. `CONTRACT`
begins contractions and leaves all other channels alone. `TRAIN` is taken only for a channel that is not commanded. So a change
is one of these:

    nothing, while a contraction goes on              RENEW
    contractions begin, or end before others do       CONTRACT (the one that ends is given an amplitude of zero)
    plain amplitudes stay, change or end              SET, then CONTRACT for the contractions that begin
    a commanded channel gets another train            SET without it, TRAIN, then SET and CONTRACT

A plain amplitude or a train cannot change while a contraction goes on elsewhere, for its SET would end that contraction: such
outputs are refused before anything is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from emscontrol.core.pulse import Output, Outputs, Swell, Train
from emscontrol.devices.reference.layout import LIST
from emscontrol.devices.reference.profile import SHAPE_CODES, STEP_UA

_ENDS_AT_ONCE: Final = Swell(0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Order:
    """One command and what it puts in force: `amplitudes` (0.1 mA by channel) is what its answer must repeat of it.

    A `RENEW` has no parameters: what the host believes is said when it is written.
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    amplitudes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InForce:
    """What a device was told, as it understands it.

    `wanted` are the last outputs by channel; `amplitudes` (0.1 mA, of a contraction its plateau) are those of the channels that
    the device counts as commanded; `until_us` says when the contraction on a channel has surely run out; `trains` are what its
    channels would pulse.
    """

    wanted: Mapping[int, Output] = field(default_factory=dict)
    amplitudes: Mapping[int, int] = field(default_factory=dict)
    until_us: Mapping[int, int] = field(default_factory=dict)
    trains: Mapping[int, Train] = field(default_factory=dict)

    def is_on(self, channel: int, now_us: int) -> bool:
        """Whether this channel may still carry current: a contraction that has run out does not."""
        return channel in self.amplitudes and now_us < self.until_us.get(channel, now_us + 1)

    def after(self, order: Order, now_us: int) -> "InForce":
        """The same when the device has carried out this command, and has said so at this time."""
        if order.name == "TRAIN":
            return replace(self, trains={**self.trains, **{output.channel: output.train for output in order.outputs}})
        if order.name == "RENEW":
            return self
        untouched = self.untouched_by(order)
        until_us = {c: t for c, t in self.until_us.items() if c in untouched}
        begun_us = {output.channel: now_us + output.swell.end_us for output in order.outputs if output.swell is not None}
        return replace(self, amplitudes={**untouched, **order.amplitudes}, until_us=until_us | begun_us)

    def untouched_by(self, order: Order) -> dict[int, int]:
        """The commanded channels that a command leaves as they are."""
        return {} if order.name == "SET" else {c: a for c, a in self.amplitudes.items() if c not in order.amplitudes}


def orders(before: InForce, wanted: Outputs, now_us: int) -> tuple[Order, ...]:
    """The commands that lead from what is in force to what is wanted; at least one.

    A contraction that was wanted before (an equal output) goes on, or has run out: it is not begun again. Raises ValueError
    where one would have to be broken off for the sake of another channel.
    """
    after = {output.channel: output for output in wanted.channels if output.amplitude_ua}
    plain = [output for output in after.values() if output.swell is None]
    kept = {c for c, output in after.items() if output.swell is not None and before.wanted.get(c) == output}
    fresh = [output for c, output in after.items() if output.swell is not None and c not in kept]
    retrained = [output for c, output in after.items() if c not in kept and before.trains.get(c) != output.train]
    silencing = any(output.channel in before.amplitudes for output in retrained)
    lasting = sorted(c for c in kept if before.is_on(c, now_us))
    ended = [before.wanted[c] for c in before.wanted if c not in after and before.is_on(c, now_us)]
    was_plain = [output for output in before.wanted.values() if output.swell is None]
    if lasting and (silencing or was_plain != plain):
        raise ValueError(
            f"the contraction on channel {', '.join(map(str, lasting))} goes on, and the other channels cannot be set without "
            "ending it: give them contractions, or set all of them"
        )
    if lasting or (fresh and not silencing and not ended and was_plain == plain):
        return _beside(retrained, fresh, ended)
    return _anew(plain, retrained, fresh, silencing)


def _beside(retrained: list[Output], fresh: list[Output], ended: list[Output]) -> tuple[Order, ...]:
    """Contractions begin and end while all else goes on."""
    begun = [*fresh, *(replace(output, amplitude_ua=0, swell=_ENDS_AT_ONCE) for output in ended)]
    return (*map(_train, retrained), _contract(begun) if begun else Order("RENEW"))


def _anew(plain: list[Output], retrained: list[Output], fresh: list[Output], silencing: bool) -> tuple[Order, ...]:
    """Everything is said anew; with `silencing`, channels that get another train go silent first."""
    waiting = {output.channel for output in retrained}
    settled = [output for output in plain if output.channel not in waiting]
    first = [_set(settled)] if silencing else []
    second = [] if silencing and settled == plain else [_set(plain)]
    return (*first, *map(_train, retrained), *second, *([_contract(fresh)] if fresh else []))


def _set(outputs: list[Output]) -> Order:
    rows = [{"channel": output.channel, "amplitude": output.amplitude_ua // STEP_UA} for output in outputs]
    return Order("SET", {LIST: rows}, tuple(outputs), {row["channel"]: row["amplitude"] for row in rows})


def _contract(outputs: list[Output]) -> Order:
    rows = [
        {
            "channel": output.channel,
            "amplitude": output.amplitude_ua // STEP_UA,
            "rise_us": output.swell.rise_us,
            "hold_us": output.swell.hold_us,
            "fall_us": output.swell.fall_us,
        }
        for output in sorted(outputs, key=lambda output: output.channel)
        if output.swell is not None
    ]
    return Order("CONTRACT", {LIST: rows}, tuple(outputs), {row["channel"]: row["amplitude"] for row in rows})


def _train(output: Output) -> Order:
    return Order("TRAIN", train_params(output.channel, output.train), (output,))


def train_params(channel: int, train: Train) -> dict[str, int]:
    """The parameters of `TRAIN`."""
    waveform = train.waveform
    return {
        "channel": channel,
        "shape": SHAPE_CODES[waveform.shape].value,
        "width_us": waveform.width_us,
        "gap_us": waveform.gap_us,
        "recovery_ratio": waveform.recovery_ratio,
        "period_us": train.period_us,
        "burst_pulses": train.burst_pulses,
        "burst_interval_us": train.burst_interval_us if train.burst_pulses > 1 else 0,
    }
