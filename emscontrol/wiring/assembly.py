"""Putting one session together from its parts: program, envelopes, gate, engine, journal's first line."""

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from emscontrol import __version__
from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event, make
from emscontrol.core.stimulator import Capabilities
from emscontrol.devices.registry import driver, profile
from emscontrol.program.compile import compile_program
from emscontrol.program.judge import judge_program
from emscontrol.program.predict import on_time_us, totals
from emscontrol.program.program import ChannelPlan, PatientChannel, Program
from emscontrol.protocol.travel import from_line
from emscontrol.safety.envelope import ChannelEnvelope, envelope_for
from emscontrol.safety.gate import Allowance, SafetyGate
from emscontrol.safety.limits import limits_digest
from emscontrol.session.course import Course
from emscontrol.session.engine import Engine
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.address import DeviceAddress, parse_address
from emscontrol.wiring.booked import UNBOOKED, admit

RISE_STEP = 100  # µA/s: a device that holds the limit itself keeps it in steps of 0.1 mA in a second, rounded down
SPARE_PERCENT = 105  # of time and charge, for set points that come late; the allowance is a backstop, not the plan


@dataclass(frozen=True, slots=True)
class Assembly:
    """One session, ready to be run."""

    address: DeviceAddress
    program: Program
    envelopes: Mapping[int, ChannelEnvelope]
    gate: SafetyGate
    engine: Engine
    opening: tuple[Event, ...]


def assemble(spec: SessionSpec, now: datetime | None = None) -> Assembly:
    """Build everything that needs no port. Raises UsageError, SafetyRefusal or DeviceMisfit with the reasons.

    `now` is the time of day, by which the screening of a booked session is judged; without it a booked one is refused.
    """
    address = parse_address(spec.device)
    if hashlib.sha256(spec.protocol_text.encode()).hexdigest() != spec.sha256:
        raise UsageError("The protocol's text has changed since it was read.", "Load the file again and look at it.")
    protocol = from_line(spec.protocol)
    patient = patient_channels(spec.comfort_ua, spec.motor_ua)
    stimulator = driver(address.model)
    program = compile_program(protocol, spec.sha256, patient, profile(address.model))
    admitted = UNBOOKED
    if spec.booking:
        admitted = admit(spec, protocol, program, envelopes_for(program, of_patient=False), address.simulated, now)
    program = admitted.program_within(program)
    envelopes = admitted.envelopes_within(envelopes_for(program))
    judgement = judge_program(program, envelopes)
    judgement.raise_if_refused()
    warnings = (make("warned", rule=v.rule, sentence=f"Channel {c}: {v.sentence()}") for c, v in judgement.warned)
    opening = (session_opened(spec, protocol.id, envelopes, stimulator.capabilities), *admitted.told, *warnings)
    gate = SafetyGate(stimulator, envelopes, _allowance(program))
    engine = Engine(program, gate, Course(program), admitted.cleared_for_us)
    return Assembly(address, program, envelopes, gate, engine, opening)


def patient_channels(comfort_ua: Mapping[str, int], motor_ua: Mapping[str, int]) -> dict[int, PatientChannel]:
    """What was measured, by channel."""
    return {int(c): PatientChannel(ua, motor_ua.get(c)) for c, ua in comfort_ua.items()}


def envelopes_for(program: Program, of_patient: bool = True) -> dict[int, ChannelEnvelope]:
    """The limits in force by channel: hard ∩ device ∩ site ∩ protocol ∩ patient; no rise is faster than the program's ramps.

    Without `of_patient` the patient's cap is left out, for looking at a protocol with nobody there.
    """
    envelopes = {}
    for plan in program.channels:
        envelope = envelope_for(
            plan.channel,
            area_mm2=plan.area_mm2,
            capabilities=program.capabilities,
            muscle=plan.muscle,
            protocol_cap_ua=plan.protocol_cap_ua,
            patient_cap_ua=plan.cap_ua if of_patient else None,
            halve_density_warning="impedance" not in program.capabilities.measures,
        )
        steepest_ua_per_s = (int(plan.rise_ua_per_s * _most_raised(plan)) // RISE_STEP + 1) * RISE_STEP
        envelopes[plan.channel] = envelope.tightened(rise_max_ua_per_s=steepest_ua_per_s, source="the protocol's ramps")
    return envelopes


def _most_raised(plan: ChannelPlan) -> Fraction:
    """How many times its plan a channel may get when the operator raises it as far as the hand goes."""
    return Fraction(plan.cap_ua, plan.peak_ua) if plan.peak_ua else Fraction(1)


def _allowance(program: Program) -> Allowance:
    """What the plan takes with every channel raised as far as the hand goes, and the spare.

    The gate counts time, the plan pulses: of a slow train a contraction may have one pulse less than its time stands for.
    """
    planned = totals(program, keep_runs=False)
    charges = {}
    for plan in program.channels:
        trains = program.trains_of(plan.channel)
        period_pc = max((train.burst_pulses * train.waveform.charge_pc(plan.peak_ua) for train in trains), default=0)
        whole_pc = planned[plan.channel].charge_pc + planned[plan.channel].contractions * period_pc
        charges[plan.channel] = int(whole_pc * _most_raised(plan) * SPARE_PERCENT / 100)
    return Allowance(on_time_us(program) * SPARE_PERCENT // 100, charges)


def session_opened(
    spec: SessionSpec, protocol_id: str, envelopes: Mapping[int, ChannelEnvelope], capabilities: Capabilities
) -> Event:
    """The record's first line: what is played, for whom, within which limits, on what."""
    return make(
        "session_opened",
        protocol_id=protocol_id,
        protocol_text=spec.protocol_text,
        protocol_compiled=spec.protocol,
        protocol_sha256=spec.sha256,
        port=spec.device,
        simulated=parse_address(spec.device).simulated,
        comfort=dict(spec.comfort_ua),
        envelope={str(c): _plain(asdict(e)) for c, e in envelopes.items()},
        limits_sha256=limits_digest(),
        device={"model": parse_address(spec.device).model},
        capabilities=capabilities_json(capabilities),
        versions={"emscontrol": __version__, "python": platform.python_version(), "system": platform.platform(terse=True)},
    )


def capabilities_json(capabilities: Capabilities) -> dict[str, Any]:
    """What a device can do, as JSON."""
    return dict(_plain(asdict(capabilities)))


def _plain(value: Any) -> Any:
    """Sets as sorted lists, enum members as text, keys as text."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_plain(v) for v in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    return value if isinstance(value, bool | int | float | str | type(None)) else str(value)
