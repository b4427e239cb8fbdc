"""Protocol + patient + device = program.

Amplitudes are fractions of what was measured on the patient, rounded down to the device's steps. Nothing is clamped: what
would pass a cap is refused with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from emscontrol.core.errors import DeviceMisfit, SafetyRefusal
from emscontrol.core.pulse import NOTHING, Output, Outputs, Swell, Train, Waveform
from emscontrol.core.stimulator import DeviceProfile
from emscontrol.core.units import US_PER_S, format_ma
from emscontrol.program.program import ChannelPlan, Contraction, PatientChannel, Program, Step
from emscontrol.program.timing import schedule
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group, Reference

RAMP_UPDATE_US = 50_000  # a ramp is made of steps this far apart; the gate allows one of them at a time
ABOVE_COMFORT = Decimal(
    "1.25"
)  # an operator may raise to this multiple of the comfort level (safety-limits.md §6, envelope check [S])


@dataclass(frozen=True, slots=True)
class _Level:
    """One channel in one phase: its train and its plateau."""

    train: Train
    plateau_ua: int


def compile_program(protocol: Protocol, sha256: str, patient: Mapping[int, PatientChannel], device: DeviceProfile) -> Program:
    """Compile; `sha256` is that of the protocol's text.

    Raises DeviceMisfit when the device cannot do it, SafetyRefusal when the patient's figures are missing or passed.
    """
    _require_thresholds(protocol, patient)
    _require_fit(protocol, device)
    levels = _levels(protocol, patient, device)
    trains = _prepared_trains(protocol, levels, device)
    spans, contractions = schedule(protocol)
    steps = _steps(contractions, levels, device)
    uploads = _uploads(contractions, levels, device.capabilities.contraction_max_us)
    last_us = max((c.end_us for c in contractions), default=0)
    longest_us = max(train.period_us for train in trains.values())
    end_us = max(last_us, steps[-1].at_us) + longest_us  # one period more, so that the last pulse of a common clock is out
    return Program(
        protocol_id=protocol.id,
        title=protocol.title,
        sha256=sha256,
        capabilities=device.capabilities,
        trains=trains,
        slot_delays_us=dict(device.slot_delays_us(frozenset(trains))),
        channels=_channel_plans(protocol, patient, levels, contractions),
        phases=tuple(replace(span, end_us=min(span.end_us, end_us)) for span in spans),
        contractions=contractions,
        steps=steps,
        step_times_us=tuple(step.at_us for step in steps),
        end_us=end_us,
        uploads=uploads,
        upload_times_us=tuple(step.at_us for step in uploads),
    )


def _require_thresholds(protocol: Protocol, patient: Mapping[int, PatientChannel]) -> None:
    missing = sorted(set(protocol.channels) - set(patient))
    if missing:
        names = ", ".join(f"{channel} ({protocol.channels[channel].label})" for channel in missing)
        raise SafetyRefusal(
            f"No comfort level is known for channel {names}.",
            "Measure it and give it as --comfort CHANNEL=MA.",
            ("THRESHOLD_KNOWN",),
        )
    unknown = sorted(set(patient) - set(protocol.channels))
    if unknown:
        raise SafetyRefusal(
            f"The protocol has no channel {', '.join(map(str, unknown))}; it uses {', '.join(map(str, protocol.channels))}.",
            "Check which pair of electrodes is meant.",
            ("UNKNOWN_CHANNEL",),
        )


def _require_fit(protocol: Protocol, device: DeviceProfile) -> None:
    """What the device cannot do at all is said before anybody asks at which amplitude."""
    reasons: list[str] = []
    for phase in protocol.phases:
        asked = {c: train_of(group, device) for group in phase.groups for c in group.channels}
        reasons.extend(f"Phase {phase.name}: {text}" for text in device.misfits(asked))
    _raise_misfit(reasons, protocol, device)


def _raise_misfit(reasons: list[str], protocol: Protocol, device: DeviceProfile) -> None:
    if reasons:
        unique = tuple(dict.fromkeys(reasons))
        raise DeviceMisfit(f"{device.capabilities.name} cannot run {protocol.id}: " + " ".join(unique), unique)


def _levels(protocol: Protocol, patient: Mapping[int, PatientChannel], device: DeviceProfile) -> dict[tuple[int, int], _Level]:
    levels = {}
    for index, phase in enumerate(protocol.phases):
        for group in phase.groups:
            train = train_of(group, device)
            for channel in group.channels:
                plateau_ua = _plateau_ua(protocol, group, channel, patient[channel])
                made_ua = device.quantise_amplitude(train, plateau_ua)
                if made_ua <= 0:
                    raise SafetyRefusal(
                        f"Channel {channel}, phase {phase.name}: {format_ma(plateau_ua)} is below the device's smallest step.",
                        "Measure the threshold again or choose another device.",
                    )
                levels[index, channel] = _Level(device.quantise_train(train), made_ua)
    return levels


def train_of(group: Group, device: DeviceProfile) -> Train:
    """The train a group asks for, with the device's own interphase gap where the protocol leaves it open."""
    gap_us = group.interphase_gap_us
    waveform = Waveform(
        shape=group.waveform,
        width_us=group.pulse_width_us,
        gap_us=device.capabilities.gap_default_us if gap_us is None else gap_us,
        recovery_ratio=group.recovery_ratio,
    )
    return Train(waveform, group.period_us, group.burst_pulses, group.burst_interval_us)


def _plateau_ua(protocol: Protocol, group: Group, channel: int, patient: PatientChannel) -> int:
    reference_ua: int | None = patient.comfort_ua if group.intensity.of is Reference.COMFORT else patient.motor_ua
    if reference_ua is None:
        raise SafetyRefusal(
            f"Channel {channel}: the protocol asks for a fraction of the motor threshold, which is not known.",
            f"Measure it and give it as --motor {channel}=MA.",
            ("THRESHOLD_KNOWN",),
        )
    plateau_ua = int(group.intensity.fraction * reference_ua)
    caps = [(patient.comfort_ua, "the patient's comfort level")]
    cap_ua = protocol.channels[channel].amplitude_cap_ua
    if cap_ua is not None:
        caps.append((cap_ua, "the protocol's amplitude_cap_ma"))
    for limit_ua, whose in caps:
        if plateau_ua > limit_ua:
            raise SafetyRefusal(
                f"Channel {channel}: {group.intensity.fraction} × the {group.intensity.of.value} threshold is "
                f"{format_ma(plateau_ua)}, more than {format_ma(limit_ua)}, {whose}.",
                "Measure the thresholds again or lower the fraction.",
                ("AMPLITUDE_CAP",),
            )
    return plateau_ua


def _prepared_trains(protocol: Protocol, levels: Mapping[tuple[int, int], _Level], device: DeviceProfile) -> dict[int, Train]:
    """The train each channel is prepared with; refuses a set that the device cannot run in one session."""
    reasons: list[str] = []
    prepared: dict[int, Train] = {}
    for index, phase in enumerate(protocol.phases):
        for channel in (c for group in phase.groups for c in group.channels):
            train = levels[index, channel].train
            first = prepared.setdefault(channel, train)
            if device.capabilities.common_grid and (first.period_us, first.burst_pulses, first.burst_interval_us) != (
                train.period_us,
                train.burst_pulses,
                train.burst_interval_us,
            ):
                reasons.append(
                    f"Phase {phase.name}: channel {channel} has another rate or burst than before, and the "
                    f"{device.capabilities.name} keeps one pulse clock for a whole session. "
                    "Give all phases of a channel the same rate_hz and burst."
                )
    if device.capabilities.common_grid and not reasons:
        reasons.extend(device.misfits(prepared))
    _raise_misfit(reasons, protocol, device)
    return dict(sorted(prepared.items()))


def _steps(
    contractions: tuple[Contraction, ...], levels: Mapping[tuple[int, int], _Level], device: DeviceProfile
) -> tuple[Step, ...]:
    """Merge all contractions into absolute set points, in order of time."""
    changes: dict[int, dict[int, Output]] = {}
    for contraction in contractions:
        for channel in contraction.channels:
            level = levels[contraction.phase, channel]
            for at_us, amplitude_ua in _ramped(contraction, level.plateau_ua):
                made_ua = device.quantise_amplitude(level.train, amplitude_ua)
                changes.setdefault(at_us, {})[channel] = Output(channel, level.train, made_ua)
    return _merged(changes)


def _uploads(
    contractions: tuple[Contraction, ...], levels: Mapping[tuple[int, int], _Level], part_max_us: int
) -> tuple[Step, ...]:
    """Each contraction as one output that the device carries out by itself, and zero at its end.

    None at all where a rise, plateau or fall is longer than the device can make: all is done in steps then.
    """
    changes: dict[int, dict[int, Output]] = {}
    for number, contraction in enumerate(contractions, start=1):
        hold_us = contraction.end_us - contraction.start_us - contraction.ramp_up_us - contraction.ramp_down_us
        swell = Swell(number, contraction.ramp_up_us, hold_us, contraction.ramp_down_us)
        if max(swell.rise_us, hold_us, swell.fall_us) > part_max_us:
            return ()
        for channel in contraction.channels:
            level = levels[contraction.phase, channel]
            changes.setdefault(contraction.start_us, {})[channel] = Output(channel, level.train, level.plateau_ua, swell)
            changes.setdefault(contraction.end_us, {}).setdefault(channel, Output(channel, level.train, 0))
    return _merged(changes)


def _merged(changes: Mapping[int, Mapping[int, Output]]) -> tuple[Step, ...]:
    """Complete set points in order of time, from what changes on each channel; those that change nothing are left out."""
    steps: list[Step] = []
    state: dict[int, Output] = {}
    channels = sorted({channel for change in changes.values() for channel in change})
    for at_us in sorted(changes):
        state.update(changes[at_us])
        now = [state[channel] for channel in channels if channel in state]
        outputs = Outputs(tuple([output for output in now if output.amplitude_ua > 0]))
        if outputs != (steps[-1].outputs if steps else NOTHING):
            steps.append(Step(at_us, outputs))
    return tuple(steps)


def _ramped(contraction: Contraction, plateau_ua: int) -> list[tuple[int, int]]:
    """(time, amplitude) of one contraction on one channel: up in even steps, down in even steps, zero at its end."""
    up = -(-contraction.ramp_up_us // RAMP_UPDATE_US)
    down = -(-contraction.ramp_down_us // RAMP_UPDATE_US)
    rising = [(contraction.start_us + k * contraction.ramp_up_us // up, plateau_ua * (k + 1) // up) for k in range(up)] or [
        (contraction.start_us, plateau_ua)
    ]
    fall_from_us = contraction.end_us - contraction.ramp_down_us
    falling = [(fall_from_us + k * contraction.ramp_down_us // down, plateau_ua * (down - k) // down) for k in range(1, down)]
    return [*rising, *falling, (contraction.end_us, 0)]


def _channel_plans(
    protocol: Protocol,
    patient: Mapping[int, PatientChannel],
    levels: Mapping[tuple[int, int], _Level],
    contractions: tuple[Contraction, ...],
) -> tuple[ChannelPlan, ...]:
    plans = []
    for number, channel in sorted(protocol.channels.items()):
        peak_ua = max((level.plateau_ua for (_, c), level in levels.items() if c == number), default=0)
        rises = [
            -(-levels[c.phase, number].plateau_ua * US_PER_S // c.ramp_up_us)
            for c in contractions
            if number in c.channels and c.ramp_up_us
        ]
        plans.append(
            ChannelPlan(
                channel=number,
                label=channel.label,
                muscle=channel.muscle,
                side=channel.side.value,
                area_mm2=channel.electrode.area_mm2,
                peak_ua=peak_ua,
                rise_ua_per_s=max(rises, default=0),
                cap_ua=int(patient[number].comfort_ua * ABOVE_COMFORT),
                protocol_cap_ua=channel.amplitude_cap_ua,
            )
        )
    return tuple(plans)
