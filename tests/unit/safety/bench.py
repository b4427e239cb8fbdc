"""What the safety tests share: trains, outputs and a device whose ranges never bind."""

from emscontrol.core.pulse import Output, Shape, Train, Waveform
from emscontrol.core.stimulator import Capabilities
from emscontrol.safety.verdict import Judgement, Verdict


def train(
    width_us: int = 300,
    period_us: int = 20_000,
    *,
    shape: Shape = Shape.SYMMETRIC,
    gap_us: int = 100,
    ratio: int = 1,
    pulses: int = 1,
    interval_us: int = 0,
) -> Train:
    return Train(Waveform(shape, width_us, gap_us, ratio), period_us, pulses, interval_us)


def output(amplitude_ua: int, of: Train, channel: int = 1) -> Output:
    return Output(channel, of, amplitude_ua)


def device(**changes: object) -> Capabilities:
    figures: dict[str, object] = {
        "model": "bench",
        "name": "Bench 8",
        "channels": 8,
        "amplitude_max_ua": 130_000,
        "amplitude_step_ua": 500,
        "width_min_us": 20,
        "width_max_us": 4_000,
        "width_step_us": 1,
        "period_min_us": 500,
        "period_max_us": 16_000_000,
        "period_step_us": 250,
        "gap_min_us": 0,
        "gap_max_us": 4_000,
        "gap_default_us": 100,
        "shapes": frozenset(Shape),
        "burst_max": 8,
        "common_grid": False,
        "slot_us": 0,
        "voltage_max_mv": 150_000,
        "watchdog_us": 500_000,
        "keepalive_us": 100_000,
        "measures": frozenset(),
        "denervation": False,
        "source": "made up for the tests",
    }
    return Capabilities(**(figures | changes))  # type: ignore[arg-type]


def verdict_of(judgement: Judgement, rule: str) -> Verdict:
    return next(verdict for verdict in judgement.verdicts if verdict.rule == rule)
