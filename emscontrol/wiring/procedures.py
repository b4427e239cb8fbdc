"""Putting one measuring procedure together: the same gate, engine and journal as a session, with a procedure for its course."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from emscontrol.core.errors import DeviceMisfit, SafetyRefusal, UsageError
from emscontrol.core.events import Event, make
from emscontrol.core.pulse import Output, Shape, Train, Waveform
from emscontrol.core.stimulator import DeviceProfile
from emscontrol.core.units import US_PER_S, format_ma
from emscontrol.devices.registry import driver, profile
from emscontrol.measure.climb import Steps
from emscontrol.measure.plan import KINDS, Plan
from emscontrol.measure.suggestion import SHORT_US, shown_width
from emscontrol.program.compile import train_of
from emscontrol.program.program import ChannelPlan, Program
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group
from emscontrol.protocol.travel import from_line
from emscontrol.safety.envelope import ChannelEnvelope, envelope_for
from emscontrol.safety.gate import Allowance, SafetyGate
from emscontrol.safety.limits import LIMITS
from emscontrol.safety.rules import judge, max_amplitude_ua
from emscontrol.session.engine import Engine
from emscontrol.session.probe import Probe
from emscontrol.session.spec import ProcedureSpec, SessionSpec
from emscontrol.session.step import step_us
from emscontrol.wiring import electrode_check
from emscontrol.wiring.address import parse_address
from emscontrol.wiring.assembly import Assembly, session_opened

USUAL_US: Final = (
    300_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 700, 500, 300, 200, 100,
)  # fmt: skip
"""The pulse widths of a strength–duration curve, from 300 ms to 0.1 ms, about two to an octave where the nerve bends [D]."""
SINGLE_PULSE_US: Final = 2 * US_PER_S  # far enough apart to be seen one by one, and to be rested between [D]
REPEATS: Final = 5  # each step so often, at the highest current: what a procedure may use up, a backstop and not a plan


def assemble_procedure(spec: SessionSpec) -> Assembly:
    """Build everything that needs no port. Raises UsageError, SafetyRefusal or DeviceMisfit with the reasons.

    What the operator asks for is refused, never lowered, where it is more than the rules allow.
    """
    if spec.booking:
        raise UsageError("A measurement belongs to no appointment.", "Measure first, and run the appointment then.")
    asked = ProcedureSpec.from_json(spec.procedure)
    if asked.kind == electrode_check.KIND:
        return electrode_check.assemble_check(spec)
    kind = KINDS.get(asked.kind)
    if kind is None or not asked.widths_us:
        raise UsageError(f"There is no procedure {asked.kind!r} of that kind.", f"Known: {', '.join(KINDS)}.")
    address = parse_address(spec.device)
    device = profile(address.model)
    trains = trains_of_protocol(asked, spec.protocol, device) if spec.protocol else trains_for(asked, device)
    steps = steps_for(asked, device, trains)
    envelope = envelope_within(asked, device, steps.cap_ua)
    warnings = _warned(asked, trains, device)
    plan = Plan(asked.kind, asked.channel, asked.widths_us, steps)
    program = _program(asked, kind.title, spec.sha256, device, trains)
    gate = SafetyGate(driver(address.model), {asked.channel: envelope}, _allowance(asked, steps, trains))
    course = Probe(plan.begin(), trains, kind.title)
    opened = session_opened(replace(spec, protocol=plan.to_json()), asked.kind, {asked.channel: envelope}, device.capabilities)
    return Assembly(address, program, {asked.channel: envelope}, gate, Engine(program, gate, course), (opened, *warnings))


def usual_widths_us(model: str) -> tuple[int, ...]:
    """The pulse widths of a curve on this model: those of the usual ones that it can make and may make."""
    device = profile(model).capabilities
    longest_us = device.width_max_us if device.denervation else min(device.width_max_us, SHORT_US)
    return tuple(width_us for width_us in USUAL_US if device.width_min_us <= width_us <= longest_us)


def single_pulse_period_us(model: str) -> int:
    """How far apart the single pulses of a curve are on this model: 2 s, or as far as it can."""
    return min(SINGLE_PULSE_US, profile(model).capabilities.period_max_us)


def session_of(procedure: ProcedureSpec, device: str, journal: str, protocol: str = "") -> SessionSpec:
    """The session that plays a procedure; the record has the procedure in the place of a protocol.

    `protocol` is the line of a protocol whose pulses are to be given.
    """
    text = procedure.to_json()
    return SessionSpec(
        device=device,
        protocol=protocol,
        protocol_text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        comfort_ua={},
        journal=journal,
        procedure=text,
    )


def trains_for(asked: ProcedureSpec, device: DeviceProfile) -> dict[tuple[int, int], Train]:
    """The train at each width, in the device's steps, all of one shape: a device may allow no other once it is ready.

    Raises DeviceMisfit for widths that the device cannot make as asked.
    """
    shape = Shape.SYMMETRIC if max(asked.widths_us) <= SHORT_US else Shape.LONG_BIPHASIC
    trains: dict[tuple[int, int], Train] = {}
    reasons: list[str] = []
    for width_us in asked.widths_us:
        train = Train(Waveform(shape, width_us, device.capabilities.gap_default_us), asked.period_us)
        reasons.extend(device.misfits({asked.channel: train}))
        made = device.quantise_train(train)
        if made.waveform.width_us != width_us:
            reasons.append(f"The {device.capabilities.name} makes {made.waveform.width_us} µs of a pulse of {width_us} µs.")
        trains[asked.channel, width_us] = made
    if reasons:
        unique = tuple(dict.fromkeys(reasons))
        raise DeviceMisfit(" ".join(unique), unique)
    return trains


def trains_of_protocol(asked: ProcedureSpec, protocol: str, device: DeviceProfile) -> dict[tuple[int, int], Train]:
    """The very train that a protocol first gives the channel, so that what is found holds for it. Raises as `trains_for`."""
    train = train_of(first_group(from_line(protocol), asked.channel), device)
    reasons = device.misfits({asked.channel: train})
    if reasons:
        raise DeviceMisfit(" ".join(reasons), reasons)
    return {(asked.channel, asked.widths_us[0]): device.quantise_train(train)}


def first_group(protocol: Protocol, channel: int) -> Group:
    """The first group of a protocol that has this channel. Raises UsageError when none has."""
    for phase in protocol.phases:
        for group in phase.groups:
            if channel in group.channels:
                return group
    used = ", ".join(map(str, sorted(protocol.channels)))
    raise UsageError(f"{protocol.id} does not use channel {channel}.", f"Choose one of its channels: {used}.")


def procedure_for_protocol(protocol: Protocol, channel: int, up_to_ua: int, step_ua: int, fine_ua: int) -> ProcedureSpec:
    """The threshold search for one channel of a protocol: its muscle, its pads, its pulse.

    Raises UsageError as `first_group`, SafetyRefusal above the protocol's own cap.
    """
    group, place = first_group(protocol, channel), protocol.channels[channel]
    if place.amplitude_cap_ua is not None and up_to_ua > place.amplitude_cap_ua:
        raise SafetyRefusal(
            f"{protocol.id} allows at most {format_ma(place.amplitude_cap_ua)} on channel {channel}.",
            "Give a lower --up-to.",
            ("AMPLITUDE_CAP",),
        )
    return ProcedureSpec(
        kind="threshold",
        channel=channel,
        muscle=place.muscle,
        side=place.side.value,
        area_mm2=place.electrode.area_mm2,
        up_to_ua=up_to_ua,
        step_ua=step_ua,
        fine_ua=fine_ua,
        widths_us=(group.pulse_width_us,),
        period_us=group.period_us,
    )


def steps_for(asked: ProcedureSpec, device: DeviceProfile, trains: Mapping[tuple[int, int], Train]) -> Steps:
    """The steps in those of the device. Raises SafetyRefusal for a step above the largest that one key may make."""
    most_ua = LIMITS["STEP_KEY"].value
    grid_ua = device.capabilities.amplitude_step_ua
    if asked.step_ua > max(most_ua, grid_ua):
        raise SafetyRefusal(f"One step is at most {format_ma(most_ua)}.", "Give a smaller --step.", ("HAND_STEP",))
    train = next(iter(trains.values()))
    cap_ua = device.quantise_amplitude(train, asked.up_to_ua)
    step_ua = max(grid_ua, device.quantise_amplitude(train, asked.step_ua))
    if cap_ua < step_ua:
        raise UsageError(f"{format_ma(asked.up_to_ua)} is not even one step of {format_ma(step_ua)}.", "Give a higher --up-to.")
    return Steps(step_ua, max(grid_ua, device.quantise_amplitude(train, min(asked.fine_ua, step_ua))), grid_ua, cap_ua)


def envelope_within(asked: ProcedureSpec, device: DeviceProfile, cap_ua: int | None) -> ChannelEnvelope:
    """The limits in force: hard ∩ device ∩ site ∩ what the operator allows (`cap_ua`)."""
    return envelope_for(
        asked.channel,
        area_mm2=asked.area_mm2,
        capabilities=device.capabilities,
        muscle=asked.muscle,
        protocol_cap_ua=cap_ua,
        patient_cap_ua=None,
        halve_density_warning="impedance" not in device.capabilities.measures,
    )


def _warned(asked: ProcedureSpec, trains: Mapping[tuple[int, int], Train], device: DeviceProfile) -> list[Event]:
    """What the rules warn of at --up-to. Raises SafetyRefusal when it is more than they allow at one of the widths.

    A short pulse is held to the rules for innervated muscle whatever its shape is called.
    """
    widest = envelope_within(asked, device, None)
    warnings = []
    for (_, width_us), made in trains.items():
        renamed = width_us <= SHORT_US and made.waveform.shape is Shape.LONG_BIPHASIC
        train = replace(made, waveform=replace(made.waveform, shape=Shape.SYMMETRIC)) if renamed else made
        judgement = judge(Output(asked.channel, train, asked.up_to_ua), widest)
        refused = judgement.refused
        if refused:
            allowed_ua, _ = max_amplitude_ua(train, widest)
            raise SafetyRefusal(
                f"--up-to {format_ma(asked.up_to_ua)} at {shown_width(width_us)}: {' '.join(v.sentence() for v in refused)}",
                f"At most {format_ma(allowed_ua)} is allowed there: give a lower --up-to, or leave that width out.",
                tuple(verdict.rule for verdict in refused),
            )
        where = f"Channel {asked.channel} at {shown_width(width_us)}"
        warnings += [make("warned", rule=v.rule, sentence=f"{where}: {v.sentence()}") for v in judgement.warned]
    return warnings


def _program(
    asked: ProcedureSpec, title: str, sha256: str, device: DeviceProfile, trains: Mapping[tuple[int, int], Train]
) -> Program:
    """A program with no steps of its own: what the device is made ready for, and the channel."""
    first = next(iter(trains.values()))
    plan = ChannelPlan(
        channel=asked.channel,
        label=asked.muscle,
        muscle=asked.muscle,
        side=asked.side,
        area_mm2=asked.area_mm2,
        peak_ua=asked.up_to_ua,
        rise_ua_per_s=0,
        cap_ua=asked.up_to_ua,
        protocol_cap_ua=asked.up_to_ua,
    )
    return Program(
        protocol_id=asked.kind,
        title=title,
        sha256=sha256,
        capabilities=device.capabilities,
        trains={asked.channel: first},
        slot_delays_us=dict(device.slot_delays_us(frozenset({asked.channel}))),
        channels=(plan,),
        phases=(),
        contractions=(),
        steps=(),
        step_times_us=(),
        end_us=0,
    )


def _allowance(asked: ProcedureSpec, steps: Steps, trains: Mapping[tuple[int, int], Train]) -> Allowance:
    given = REPEATS * -(-steps.cap_ua // steps.fine_ua)
    on_us = charge_pc = 0
    for train in trains.values():
        pulses = -(-step_us(train) // train.period_us) + 1
        on_us += given * step_us(train)
        charge_pc += given * pulses * train.burst_pulses * train.waveform.width_us * steps.cap_ua
    return Allowance(on_us, {asked.channel: charge_pc})
