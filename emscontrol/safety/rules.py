"""The rule book: each rule compares one figure of an output with one limit.

A file is judged by these rules when it is checked, and every command is judged by the same ones again at the gate. A rule that
cannot be applied refuses.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from emscontrol.core.pulse import Output, Train
from emscontrol.core.units import US_PER_S
from emscontrol.safety import measures
from emscontrol.safety.envelope import BOUND, ChannelEnvelope
from emscontrol.safety.limits import LIMITS, Limit
from emscontrol.safety.measures import Allowance, Measure, bounded_by
from emscontrol.safety.verdict import WARN_PERCENT, Band, Judgement, Verdict, band_of, margin_percent, no_verdict

SESSION: Final = 0
"""The channel of a judgement that concerns the session as a whole."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what is measured, how much of it is allowed, and what to do when it says no.

    `measure` gives None where the rule does not apply. `usual` is a figure inside the limit beyond which to warn as well;
    `warn_percent` names the bound that says from which share of the limit to warn, where that is not 80 %,
    and with `warn_beyond` it warns only beyond that share. `ceiling` names the bound whose hard ceiling alone is warned of: a
    tighter one is what the device can make, and a pulse as long as that is nothing unusual. `control` is the risk control of
    SAFETY.md that the rule serves.
    """

    id: str
    sentence: str
    control: str
    quantity: str
    unit: str
    measure: Measure
    allowed: Allowance
    remedy: str
    at_least: bool = False
    usual: int | None = None
    warn_percent: str = ""
    warn_beyond: bool = False
    ceiling: str = ""


@dataclass(frozen=True, slots=True)
class TimeRule:
    """One rule about a duration of the session. `at_least` as in `Rule`."""

    id: str
    sentence: str
    control: str
    quantity: str
    limit: Limit
    remedy: str
    at_least: bool = False


LOWER: Final = "Lower the amplitude, the pulse width or the rate."
BIGGER: Final = "Use a larger electrode, or lower the amplitude, the pulse width or the rate."

RULES: Final = (
    Rule(
        "AMPLITUDE",
        "The amplitude stays at or below what device, site, protocol and patient allow.",
        "RC-05", "amplitude", "µA", measures.amplitude, bounded_by("amplitude_max_ua"), "Lower the amplitude.",
        warn_beyond=True,  # the comfort level itself is 80 % of the patient's cap, and no reason to warn
    ),
    Rule(
        "WIDTH_MAX",
        "A phase for innervated muscle is no longer than 1000 µs or the device's own range; beyond 500 µs there is a warning.",
        "RC-05", "pulse width", "µs", measures.short_width, bounded_by("width_max_us"), "Use a shorter pulse.",
        usual=LIMITS["WIDTH_USUAL"].value,
    ),
    Rule(
        "WIDTH_MIN",
        "A phase is no shorter than 50 µs or the device's own range.",
        "RC-05", "pulse width", "µs", measures.width, bounded_by("width_min_us"), "Use a longer pulse.", at_least=True,
    ),
    Rule(
        "LONG_PULSE",
        "Long pulses for denervated muscle need a device that is declared for them.",
        "RC-05", "width of a long pulse", "µs", measures.long_width, bounded_by("long_width_max_us"),
        "Use a shorter pulse: 1000 µs or less, unless the device is declared for denervated muscle.",
        ceiling="long_width_max_us",
    ),
    Rule(
        "RATE",
        "There are never more than 150 pulses a second, those of bursts counted one by one; above 100 there is a warning.",
        "RC-05", "time from pulse to pulse", "µs a pulse", measures.time_per_pulse, bounded_by("period_min_us"),
        "Lower the rate.",
        at_least=True, usual=1_000 * US_PER_S // LIMITS["RATE_USUAL"].value,
    ),
    Rule(
        "PULSE_FITS",
        "A pulse, or a burst, ends before the next one begins.",
        "RC-05", "duration of a pulse or burst", "µs", measures.busy, measures.whole_period,
        "Lower the rate or use a shorter pulse.",
    ),
    Rule(
        "BURST_FITS",
        "Inside a burst a pulse ends before the next one begins.",
        "RC-05", "duration of a pulse in a burst", "µs", measures.pulse_in_burst, measures.burst_interval,
        "Set the pulses of the burst further apart.",
    ),
    Rule(
        "CHARGE",
        "One phase of a pulse up to 1000 µs carries at most 75 µC.",
        "RC-05", "charge per phase", "pC", measures.charge, bounded_by("charge_max_pc"),
        "Lower the amplitude or the pulse width.",
    ),
    Rule(
        "IEC_RMS",
        "The r.m.s. current over the plateau stays at or below 50 mA.",
        "RC-05", "r.m.s. current", "µA", measures.rms, bounded_by("rms_max_ua"), LOWER,
    ),
    Rule(
        "IEC_RMS_BURST",
        "Inside a burst the r.m.s. current stays at or below the figure for the rate of its pulses.",
        "RC-05", "r.m.s. current inside a burst", "µA", measures.burst_rms, measures.burst_rms_limit,
        "Lower the amplitude or the pulse width, or set the pulses of the burst further apart.",
    ),
    Rule(
        "IEC_E_PULSE",
        "A pulse shorter than 0.1 s carries at most 300 mJ into 500 ohm.",
        "RC-05", "energy of one pulse", "µJ", measures.energy, bounded_by("energy_max_uj"),
        "Lower the amplitude or the pulse width.",
    ),
    Rule(
        "IEC_LONG_PULSE",
        "A pulse of 0.1 s or longer stays at or below 80 mA.",
        "RC-05", "amplitude of a pulse of 0.1 s or longer",
        "µA", measures.long_pulse_peak, bounded_by("long_pulse_peak_max_ua"),
        "Lower the amplitude.",
    ),
    Rule(
        "IEC_DC",
        "The direct current stays at or below 80 mA.",
        "RC-05", "direct current", "µA", measures.dc, bounded_by("dc_max_ua"), "Use a balanced pulse.",
    ),
    Rule(
        "BALANCE",
        "The phases of a pulse cancel to 1 % of a phase's charge or 0.1 µC.",
        "RC-07", "net charge of one pulse", "pC", measures.net_charge, measures.balance_limit, "Use a balanced pulse.",
    ),
    Rule(
        "J_DC",
        "The direct current density stays at or below 0.2 mA/cm².",
        "RC-05", "direct current density", "nA/cm²", measures.dc_density, bounded_by("dc_density_max_na_per_cm2"),
        "Use a balanced pulse.",
    ),
    Rule(
        "J_RMS",
        "The r.m.s. current density over the smaller electrode stays at or below 2 mA/cm².",
        "RC-05", "r.m.s. current density", "µA/cm²", measures.density, bounded_by("density_max_ua_per_cm2"), BIGGER,
        warn_percent="density_warn_percent",
    ),
    Rule(
        "POWER",
        "The power density over the smaller electrode stays at or below 0.1 W/cm².",
        "RC-05", "power density", "µW/cm²", measures.power_density, bounded_by("power_density_max_uw_per_cm2"), BIGGER,
    ),
)  # fmt: skip
SESSION_LENGTH: Final = TimeRule(
    "SESSION_LENGTH",
    "A session lasts at most 60 minutes.",
    "RC-17", "length of the session", LIMITS["SESSION_USUAL"],
    "Shorten the session, or declare it as a long one if the protocol is meant for hours.",
)  # fmt: skip
LONG_SESSION_LENGTH: Final = TimeRule(
    "LONG_SESSION_LENGTH",
    "A session that its protocol declares as a long one lasts at most 8 hours.",
    "RC-17", "length of the session", LIMITS["SESSION_CEILING"], "Shorten the session.",
)  # fmt: skip
RAMP: Final = TimeRule(
    "RAMP",
    "A protocol's ramp up takes at least 0.5 s.",
    "RC-13", "ramp up", LIMITS["RAMP_MIN"], "Use a longer ramp.", at_least=True,
)  # fmt: skip
RESUME_RAMP: Final = TimeRule(
    "RESUME_RAMP",
    "After a pause the ramp up takes at least 2 s.",
    "RC-14", "ramp up after a pause", LIMITS["RESUME_RAMP_MIN"], "Use a longer ramp.", at_least=True,
)  # fmt: skip
TIME_RULES: Final = (SESSION_LENGTH, LONG_SESSION_LENGTH, RAMP, RESUME_RAMP)


def judge(output: Output, envelope: ChannelEnvelope) -> Judgement:
    """Apply every rule of `RULES` to one output. Never raises: what cannot be judged is refused."""
    flaw = _flaw(output, envelope)
    if flaw is not None:
        return Judgement(getattr(output, "channel", SESSION), (flaw,))
    return _judged(output, envelope)


def max_amplitude_ua(train: Train, envelope: ChannelEnvelope) -> tuple[int, Verdict]:
    """The largest amplitude (µA) that no rule refuses for this train, and the verdict whose limit is met first above it.

    0 with the refusing verdict when the train itself is not allowed at any amplitude.
    """
    nothing = judge(Output(envelope.channel, train, 0), envelope)
    if nothing.refused:
        return 0, nothing.binding
    allowed_ua, refused_ua = 0, envelope.amplitude_max_ua + 1
    while refused_ua - allowed_ua > 1:
        middle_ua = (allowed_ua + refused_ua) // 2
        if judge(Output(envelope.channel, train, middle_ua), envelope).refused:
            refused_ua = middle_ua
        else:
            allowed_ua = middle_ua
    binding = judge(Output(envelope.channel, train, refused_ua), envelope).binding
    at_largest = judge(Output(envelope.channel, train, allowed_ua), envelope)
    return allowed_ua, next(verdict for verdict in at_largest.verdicts if verdict.rule == binding.rule)


def judge_session(duration_us: int, *, declared_long: bool = False) -> Judgement:
    """Whether a session may last so long; `declared_long` when its protocol says that it is meant for hours."""
    return Judgement(SESSION, (_timed(LONG_SESSION_LENGTH if declared_long is True else SESSION_LENGTH, duration_us),))


def judge_ramp(channel: int, ramp_us: int, *, resuming: bool = False) -> Judgement:
    """Whether a ramp up is long enough: a protocol's, or (`resuming`) the one after a pause."""
    return Judgement(channel, (_timed(RESUME_RAMP if resuming else RAMP, ramp_us),))


def _timed(rule: TimeRule, value_us: int) -> Verdict:
    if type(value_us) is not int or value_us < 0:
        return no_verdict(rule.id, f"The {rule.quantity} is not a whole number of µs: {value_us!r}.", "Give it.")
    limit = rule.limit
    return Verdict(
        rule.id, rule.quantity, value_us, limit.value, "µs", limit.source, limit.mark,
        margin_percent(value_us, limit.value, rule.at_least), band_of(value_us, limit.value, rule.at_least),
        rule.remedy, rule.at_least, duration=True,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _judged(output: Output, envelope: ChannelEnvelope) -> Judgement:
    verdicts = (_applied(rule, output, envelope) for rule in RULES)
    return Judgement(output.channel, tuple(verdict for verdict in verdicts if verdict is not None))


def _applied(rule: Rule, output: Output, envelope: ChannelEnvelope) -> Verdict | None:
    try:
        return _compared(rule, output, envelope)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # the answer is no
        reason = f"The rule {rule.id} could not be applied ({type(error).__name__}: {error})."
        return no_verdict(rule.id, reason, "Report this; nothing is sent.")


def _compared(rule: Rule, output: Output, envelope: ChannelEnvelope) -> Verdict | None:
    value = rule.measure(output, envelope)
    if value is None:
        return None
    limit, origin = rule.allowed(output, envelope)
    warn_percent = envelope.bound(rule.warn_percent) if rule.warn_percent else WARN_PERCENT
    band = band_of(value, limit, rule.at_least, warn_percent, rule.warn_beyond)
    if band is Band.WARN and rule.ceiling and limit != BOUND[rule.ceiling].hard:
        band = Band.OK
    unusual = rule.usual is not None and (value < rule.usual if rule.at_least else value > rule.usual)
    return Verdict(
        rule.id, rule.quantity, value, limit, rule.unit, origin.source, origin.mark,
        margin_percent(value, limit, rule.at_least), Band.WARN if unusual and band is Band.OK else band,
        rule.remedy, rule.at_least,
    )  # fmt: skip


def _flaw(output: Output, envelope: ChannelEnvelope) -> Verdict | None:
    """What makes an output impossible to judge, if anything: figures that are no whole numbers, another channel's limits."""
    if type(output) is not Output or type(envelope) is not ChannelEnvelope:
        return no_verdict("FIGURES", "There is no output or no envelope to judge.", "Nothing is sent.")
    train, waveform = output.train, output.train.waveform
    least = {
        "channel": (output.channel, 1),
        "amplitude": (output.amplitude_ua, 0),
        "pulse width": (waveform.width_us, 1),
        "gap between the phases": (waveform.gap_us, 0),
        "recovery ratio": (waveform.recovery_ratio, 1),
        "period": (train.period_us, 1),
        "number of pulses in a burst": (train.burst_pulses, 1),
        "interval in a burst": (train.burst_interval_us, 1 if train.burst_pulses != 1 else 0),
    }
    for name, (value, smallest) in least.items():
        if type(value) is not int or value < smallest:
            return no_verdict("FIGURES", f"The {name} is {value!r}, not a whole number of {smallest} or more.", "Correct it.")
    if output.channel != envelope.channel:
        what = f"The output is for channel {output.channel}, its limits are for channel {envelope.channel}."
        return no_verdict("CHANNEL", what, "Give each channel its own limits.")
    return None
