"""What would this protocol do on this stimulator? The same compiler and rules as a session, with nothing connected."""

from collections.abc import Mapping
from dataclasses import dataclass

from emscontrol.core.pulse import Output
from emscontrol.core.stimulator import DeviceProfile
from emscontrol.devices.registry import profile
from emscontrol.program.compile import compile_program, train_of
from emscontrol.program.judge import ProgramJudgement, judge_program
from emscontrol.program.program import PatientChannel, Program
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Channel
from emscontrol.safety.envelope import ChannelEnvelope, envelope_for
from emscontrol.safety.rules import judge, max_amplitude_ua
from emscontrol.wiring.assembly import envelopes_for, patient_channels

EXAMPLE_COMFORT_UA = 30_000  # where no patient's figure is given; lower where the limits allow less
EXAMPLE_MOTOR_PERCENT = 60


@dataclass(frozen=True, slots=True)
class Examination:
    """A compiled program and what the rules say; `assumed` when its levels are examples and no patient's.

    `motor_ua` holds the channels whose motor threshold is known.
    """

    program: Program
    envelopes: Mapping[int, ChannelEnvelope]
    judgement: ProgramJudgement
    comfort_ua: Mapping[int, int]
    motor_ua: Mapping[int, int]
    assumed: bool


def examine(loaded: LoadedProtocol, model: str, comfort_ua: Mapping[str, int], motor_ua: Mapping[str, int]) -> Examination:
    """Compile and judge. Raises UsageError, DeviceMisfit or SafetyRefusal with the reasons."""
    device = profile(model)
    protocol = loaded.protocol
    patient = patient_channels(comfort_ua, motor_ua) if comfort_ua else example_patient(protocol, device)
    program = compile_program(protocol, loaded.sha256, patient, device)
    envelopes = envelopes_for(program, of_patient=bool(comfort_ua))
    return Examination(
        program=program,
        envelopes=envelopes,
        judgement=judge_program(program, envelopes),
        comfort_ua={c: p.comfort_ua for c, p in patient.items()},
        motor_ua={c: p.motor_ua for c, p in patient.items() if p.motor_ua is not None},
        assumed=not comfort_ua,
    )


def example_patient(protocol: Protocol, device: DeviceProfile) -> dict[int, PatientChannel]:
    """Comfort levels of 30 mA, or less where the limits of a channel allow less: for looking at a protocol with no patient."""
    patient = {}
    for number, channel in protocol.channels.items():
        comfort_ua = min(EXAMPLE_COMFORT_UA, _highest_ua(protocol, number, channel, device))
        patient[number] = PatientChannel(comfort_ua, comfort_ua * EXAMPLE_MOTOR_PERCENT // 100)
    return patient


def _highest_ua(protocol: Protocol, number: int, channel: Channel, device: DeviceProfile) -> int:
    envelope = envelope_for(
        number,
        area_mm2=channel.electrode.area_mm2,
        capabilities=device.capabilities,
        muscle=channel.muscle,
        protocol_cap_ua=channel.amplitude_cap_ua,
        patient_cap_ua=None,
        halve_density_warning="impedance" not in device.capabilities.measures,
    )
    groups = [g for phase in protocol.phases for g in phase.groups if number in g.channels]
    trains = [device.quantise_train(train_of(group, device)) for group in groups]
    allowed = [max_amplitude_ua(train, envelope)[0] for train in trains]
    refused = [judge(Output(number, train, 0), envelope).refused for train in trains]
    return max(1, min(a for a, r in zip(allowed, refused, strict=True) if not r)) if not all(refused) else 1
