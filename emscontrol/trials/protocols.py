"""Random protocols: valid, varied, and such that the stimulator can run them. Plain data, as a protocol file holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final

from emscontrol.core.pulse import Shape
from emscontrol.core.stimulator import Capabilities

PADS: Final = ((5, 9), (5, 5), (4, 4), (8, 13))  # width and height in cm
MUSCLES: Final = (
    "quad_rf", "quad_vm", "quad_vl", "ham", "glut_max", "ta", "gastroc", "soleus", "delt_mid", "biceps", "ecr", "rect_abd",
)  # fmt: skip
RATES_HZ: Final = ("7.5", "10", "20", "25", "30", "33.3", "35", "50", "66", "80")
SLOW_RATES_HZ: Final = ("0.3", "0.5", "1", "2")
WIDTHS_US: Final = (60, 100, 150, 200, 250, 300, 350, 400, 450)
LONG_WIDTHS_US: Final = (2_000, 10_000, 50_000, 100_000, 150_000)
BURSTS_MS: Final = ("8", "10", "12.5")
RAMPS_UP_S: Final = ("0.5", "0.53", "0.75", "1", "1.5", "2")
RAMPS_DOWN_S: Final = ("0", "0", "0.1", "0.33", "0.5", "1")
LONGEST_S: Final = 3_400
ABOVE_PLATEAU: Final = ("1", "1.02", "1.05", "1.1", "1.2")  # a protocol's own cap against its plateau


@dataclass(frozen=True, slots=True)
class Drawn:
    """A protocol and the levels of the person it is for (µA, by channel)."""

    protocol: Mapping[str, Any]
    comfort_ua: Mapping[int, int]
    motor_ua: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """The pulses that all groups share where a device has one clock for all channels."""

    rate_hz: str
    burst: Mapping[str, Any] | None


def draw_protocol(random: Random, device: Capabilities, length_s: float) -> Drawn:
    """A protocol of about this length for a device with these capabilities. It may still be refused by a rule."""
    channels = sorted(random.sample(range(1, device.channels + 1), min(device.channels, random.choice((1, 1, 2, 2, 3, 4)))))
    comfort_ua = {channel: random.choice((50, 80, 120, 160, 200, 300, 400, 450)) * 100 for channel in channels}
    motor_ua = {channel: comfort * 6 // 10 // 100 * 100 for channel, comfort in comfort_ua.items()}
    damaged = device.denervation and random.random() < 0.4
    rhythm = _rhythm(random, device, damaged)
    count = random.choice((1, 1, 2, 3))
    phases = [_phase(random, device, channels, rhythm, damaged, length_s / count, number) for number in range(count)]
    listed = {channel: _channel(random, channel, comfort_ua[channel]) for channel in channels}
    head = {"format": 1, "id": "trial", "title": "A trial", "indication": "a trial of the program", "author": "the trials"}
    status = "damaged" if damaged else "intact"
    rest = {
        "lmn_status": status,
        "use": "standard",
        "evidence": "D",
        "revision": 1,
        "citations": [{"text": "none", "mark": "D"}],
    }
    return Drawn({**head, **rest, "channels": listed, "phases": phases}, comfort_ua, motor_ua)


def _rhythm(random: Random, device: Capabilities, damaged: bool) -> _Rhythm:
    if damaged:
        return _Rhythm(random.choice(SLOW_RATES_HZ), None)
    burst = None
    if device.burst_max > 1 and random.random() < 0.3:
        burst = {"pulses": random.randint(2, min(3, device.burst_max)), "interval_ms": Decimal(random.choice(BURSTS_MS))}
    return _Rhythm(random.choice(RATES_HZ[:5] if burst else RATES_HZ), burst)


def _phase(
    random: Random,
    device: Capabilities,
    channels: Sequence[int],
    rhythm: _Rhythm,
    damaged: bool,
    length_s: float,
    number: int,
) -> dict[str, Any]:
    apart = len(channels) > 1 and random.random() < 0.5
    parts = [[channel] for channel in channels] if apart else [list(channels)]
    contract = random.choice(("together", "alternately", "staggered")) if apart else "together"
    on_s = Decimal(random.randint(12, 90)) / 10
    cycle_s = on_s * len(parts) + Decimal(random.randint(0, 120)) / 10 if apart else on_s + Decimal(random.randint(0, 120)) / 10
    groups = []
    for part in parts:
        own = rhythm if device.common_grid or random.random() < 0.5 else _rhythm(random, device, damaged)
        groups.append(_group(random, device, part, own, damaged, on_s, cycle_s))
    count = max(1, round(min(length_s, LONGEST_S / 3) / float(cycle_s)))
    phase: dict[str, Any] = {"name": f"part {number + 1}", "contract": contract, "groups": groups}
    if contract == "staggered":
        phase["stagger_s"] = (cycle_s / len(parts)).quantize(Decimal("0.001")) - Decimal("0.01")
    if random.random() < 0.8:
        phase["contractions"] = count
    else:
        phase["duration_s"] = (cycle_s * (count + 1)).quantize(Decimal("0.001"))
    return phase


def _group(
    random: Random,
    device: Capabilities,
    channels: list[int],
    rhythm: _Rhythm,
    damaged: bool,
    on_s: Decimal,
    cycle_s: Decimal,
) -> dict[str, Any]:
    up_s, down_s = Decimal(random.choice(RAMPS_UP_S)), Decimal(random.choice(RAMPS_DOWN_S))
    if up_s + down_s > on_s:
        down_s = Decimal(0)
    if up_s > on_s:
        up_s = Decimal("0.5")
    group: dict[str, Any] = {"channels": channels, "rate_hz": Decimal(rhythm.rate_hz), "on_s": on_s, "off_s": cycle_s - on_s}
    group |= {"ramp_up_s": up_s, "ramp_down_s": down_s, "intensity": _intensity(random), **_waveform(random, device, damaged)}
    if rhythm.burst is not None:
        group["burst"] = dict(rhythm.burst)
    return group


def _intensity(random: Random) -> dict[str, Any]:
    if random.random() < 0.2:
        return {"of": "motor", "fraction": Decimal(random.choice(("1", "1.1", "1.333", "1.5")))}
    return {"of": "comfort", "fraction": Decimal(random.choice(("0.5", "0.777", "0.9", "1")))}


def _waveform(random: Random, device: Capabilities, damaged: bool) -> dict[str, Any]:
    if damaged:
        shape = random.choice([s.value for s in (Shape.TRIANGULAR, Shape.LONG_BIPHASIC) if s in device.shapes])
        return {"waveform": shape, "pulse_width_us": random.choice(LONG_WIDTHS_US)}
    width_us = min(random.choice(WIDTHS_US), device.width_max_us)
    if Shape.ASYMMETRIC in device.shapes and random.random() < 0.25:
        return {"waveform": "asymmetric", "recovery_ratio": random.choice((2, 4)), "pulse_width_us": width_us}
    return {"waveform": "symmetric", "pulse_width_us": width_us}


def _channel(random: Random, number: int, comfort_ua: int) -> dict[str, Any]:
    """The channel's place; sometimes with a cap of its own just above its highest plateau, for a hand that turns too far."""
    width_cm, height_cm = random.choice(PADS)
    pads = {"width_cm": Decimal(width_cm), "height_cm": Decimal(height_cm)}
    channel: dict[str, Any] = {"muscle": random.choice(MUSCLES), "side": "left", "label": f"muscle {number}", "electrode": pads}
    if random.random() < 0.5:
        highest_ma = Decimal(comfort_ua) / 1_000 * Decimal(random.choice(ABOVE_PLATEAU))
        channel["amplitude_cap_ma"] = highest_ma.quantize(Decimal("0.1"))
    return channel


def as_yaml(value: Any, indent: int = 0) -> str:
    """Plain data as block YAML: mappings, lists, text, numbers, and nothing else."""
    pad = " " * indent
    if isinstance(value, Mapping):
        return "".join(f"{pad}{key}:{_below(inner, indent + 2)}" for key, inner in value.items())
    return "".join(f"{pad}-{_below(inner, indent + 2)}" for inner in value)


def _below(value: Any, indent: int) -> str:
    if isinstance(value, Mapping | list | tuple):
        return f"\n{as_yaml(value, indent)}"
    return f" {value}\n"
