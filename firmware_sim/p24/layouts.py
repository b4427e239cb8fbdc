"""The data of the commands that are more than a row of numbers: pulses, trains and their answers."""

from dataclasses import dataclass
from typing import Any, Final

from firmware_sim.p24.fields import DataError, Params, Reader, listed, read_point, scaled, tidy, truth, whole, write_point

SOFT_START: Final = 0x10
SAMPLES: Final = 128
MAX_POINTS: Final = 16


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """Ll_channel_config: execute, channel 0-3, connector, number of points − 1 in one byte, then the points.

    Without execution the points may be missing altogether, as the vendor library sends it.
    """

    def read(self, reader: Reader, params: Params) -> None:
        head = reader.number()
        params["execute"] = bool(head & 0x80)
        params["channel"] = head >> 5 & 3
        params["connector"] = head >> 4 & 1
        bare = not params["execute"] and reader.left == 0
        params["points"] = [] if bare else [read_point(reader) for _ in range((head & 0x0F) + 1)]

    def write(self, params: Params) -> bytes:
        execute = truth(params, "execute")
        points = listed(params, "points", range(1 if execute else 0, MAX_POINTS + 1))
        head = execute << 7 | whole(params, "channel", 0, 3) << 5 | whole(params, "connector", 0, 1, 0) << 4
        return bytes((head | max(0, len(points) - 1),)) + b"".join(map(write_point, points))


@dataclass(frozen=True, slots=True)
class PulseAnswer:
    """What follows the result in Ll_channel_config_ack; one byte in ScienceMode 3, two or 260 in ScienceMode 4."""

    def read(self, reader: Reader, params: Params) -> None:
        if reader.left == 1:
            params["electrode_error_channel"] = reader.number()
            return
        place = reader.number()
        if place & 0xEC:
            raise DataError(f"channel byte 0x{place:02x} has bits that mean nothing")
        params["connector"], params["channel"] = place >> 4, place & 3
        params["measurement"] = reader.number()
        if params["measurement"]:
            params["sampling_time_us"] = reader.number(2)
            params["samples"] = [reader.number(2) for _ in range(SAMPLES)]

    def write(self, params: Params) -> bytes:
        if "electrode_error_channel" in params:
            return bytes((whole(params, "electrode_error_channel", 0, 255),))
        measurement = whole(params, "measurement", 0, 255, 0)
        place = whole(params, "connector", 0, 1) << 4 | whole(params, "channel", 0, 3)
        if not measurement:
            return bytes((place, 0))
        samples = [whole({"sample": sample}, "sample", 0, 65_535) for sample in listed(params, "samples", SAMPLES)]
        numbers = [whole(params, "sampling_time_us", 0, 65_535), *samples]
        return bytes((place, measurement)) + b"".join(number.to_bytes(2, "big") for number in numbers)


@dataclass(frozen=True, slots=True)
class Update:
    """Ml_update: a mask of channels, then for each its ramp, period and points.

    In ScienceMode 3 bit 4 of the mask is the soft start; data that are one channel too short for ScienceMode 4 are read so.
    """

    def read(self, reader: Reader, params: Params) -> None:
        mask = reader.number()
        rest = reader.take(reader.left)
        softstart = False
        try:
            channels = _read_trains(Reader(rest), mask)
        except DataError:
            if mask & 0xF0 != SOFT_START:
                raise
            softstart = True
            channels = _read_trains(Reader(rest), mask & 0x0F)
        params["channels"] = channels
        if softstart:
            params["softstart"] = True

    def write(self, params: Params) -> bytes:
        channels = listed(params, "channels", range(9))
        if not all(isinstance(channel, dict) for channel in channels):
            raise ValueError("each of channels is an object with channel, period_ms, ramp and points")
        numbers = [whole(channel, "channel", 0, 7) for channel in channels]
        if numbers != sorted(set(numbers)):
            raise ValueError(f"channels are {numbers}, not in ascending order and each once")
        mask = sum(1 << number for number in numbers)
        if truth(params, "softstart", default=False):
            if mask & 0xF0:
                raise ValueError("softstart exists only with channels 0 to 3 (ScienceMode 3)")
            mask |= SOFT_START
        return bytes((mask,)) + b"".join(map(_write_train, channels))


def _read_trains(reader: Reader, mask: int) -> list[Params]:
    trains = [_read_train(reader, number) for number in range(8) if mask >> number & 1]
    if reader.left:
        raise DataError(f"{reader.left} bytes more than the channels need")
    return trains


def _read_train(reader: Reader, number: int) -> Params:
    head = reader.number()
    code = reader.number(2)
    quarter = bool(code & 1)
    train: Params = {"channel": number, "period_ms": tidy((code >> 1) / (4 if quarter else 2)), "ramp": head & 0x0F}
    train["points"] = [read_point(reader) for _ in range((head >> 4) + 1)]
    if quarter:
        train["quarter_ms"] = True
    return train


def _write_train(train: Params) -> bytes:
    if unknown := train.keys() - {"channel", "period_ms", "ramp", "points", "quarter_ms"}:
        raise ValueError(f"a channel has no parameter {', '.join(sorted(map(str, unknown)))}")
    points = listed(train, "points", range(1, MAX_POINTS + 1))
    quarter = truth(train, "quarter_ms", default=False)
    code = scaled("period_ms", train.get("period_ms"), 4 if quarter else 2, 0, 32_767)
    head = (len(points) - 1) << 4 | whole(train, "ramp", 0, 15, 0)
    return bytes((head,)) + (code << 1 | quarter).to_bytes(2, "big") + b"".join(map(write_point, points))


@dataclass(frozen=True, slots=True)
class CurrentData:
    """What follows the result in Ml_get_current_data_ack; its form depends on the selection that was asked for."""

    def read(self, reader: Reader, params: Params) -> None:
        selection = params["selection"] = reader.number()
        if selection == 4:
            params["active"] = _bits(reader.number(), 8)
            packed = reader.take(4)
            params["channel_state"] = [packed[at // 2] >> 4 * (at % 2) & 0x0F for at in range(8)]
        elif selection in (2, 3):
            groups = [reader.number() for _ in range(selection - 1)]
            errors = [error for group in groups for error in _bits(group, 4)]
            params["running"] = any(group & 0x10 for group in groups)
            params["electrode_error"] = (errors + [False] * 4)[:8]
        else:
            params["data"] = reader.take(reader.left).hex()

    def write(self, params: Params) -> bytes:
        selection = whole(params, "selection", 0, 255)
        if selection == 4:
            states = [whole({"channel_state": state}, "channel_state", 0, 15) for state in listed(params, "channel_state", 8)]
            return bytes(
                (4, _mask(listed(params, "active", 8)), *(a | b << 4 for a, b in zip(*[iter(states)] * 2, strict=True)))
            )
        if selection in (2, 3):
            running = truth(params, "running") << 4
            errors = listed(params, "electrode_error", 8)
            groups = [_mask(errors[at : at + 4]) | running for at in range(0, 4 * (selection - 1), 4)]
            return bytes((selection, *groups))
        data = params.get("data", "")
        if not isinstance(data, str):
            raise ValueError(f"data is {data!r}, not bytes in hexadecimal")
        return bytes((selection,)) + bytes.fromhex(data)


def _bits(value: int, count: int) -> list[bool]:
    return [bool(value >> bit & 1) for bit in range(count)]


def _mask(flags: list[Any]) -> int:
    return sum(truth({"flag": flag}, "flag") << bit for bit, flag in enumerate(flags))
