"""Putting an electrode check together: an engine that is never armed, with limits that allow no current at all."""

from collections.abc import Iterable

from emscontrol.core.errors import DeviceMisfit
from emscontrol.core.stimulator import Capabilities
from emscontrol.devices.fit import absent_channel
from emscontrol.devices.registry import driver, profile
from emscontrol.program.program import PhaseSpan, Program
from emscontrol.safety.envelope import ChannelEnvelope, hard_envelope
from emscontrol.safety.gate import Allowance, SafetyGate
from emscontrol.session.course import Course
from emscontrol.session.engine import Engine
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.address import parse_address
from emscontrol.wiring.assembly import Assembly, session_opened

KIND = "electrodes"
TITLE = "electrode check"


def assemble_check(spec: SessionSpec) -> Assembly:
    """Build everything that needs no port. Raises DeviceMisfit for a stimulator that does not measure electrodes at rest."""
    address = parse_address(spec.device)
    device = profile(address.model)
    require_measuring(device.capabilities)
    program = Program(
        protocol_id=KIND,
        title=TITLE,
        sha256=spec.sha256,
        capabilities=device.capabilities,
        trains={},
        slot_delays_us={},
        channels=(),
        phases=(PhaseSpan(TITLE, 0, 0),),
        contractions=(),
        steps=(),
        step_times_us=(),
        end_us=0,
    )
    envelopes = {channel: _at_rest(channel) for channel in range(1, device.capabilities.channels + 1)}
    gate = SafetyGate(driver(address.model), envelopes, Allowance(0, {}))
    opening = session_opened(spec, KIND, envelopes, device.capabilities)
    return Assembly(address, program, envelopes, gate, Engine(program, gate, Course(program)), (opening,))


def require_measuring(capabilities: Capabilities) -> None:
    """Raises DeviceMisfit with what the device does instead."""
    if "impedance" in capabilities.measures:
        return
    instead = (
        "It reports an electrode that is off only while current flows, and then all is stopped: begin with a low current."
        if "electrode_error" in capabilities.measures
        else "Look at the pads and the leads."
    )
    raise DeviceMisfit(f"The {capabilities.name} does not measure electrodes at rest. {instead}")


def require_channels(channels: Iterable[int], capabilities: Capabilities) -> None:
    """Raises DeviceMisfit for the channels that the device does not have."""
    reasons = tuple(reason for channel in channels for reason in absent_channel(channel, capabilities))
    if reasons:
        raise DeviceMisfit(" ".join(reasons), reasons)


def _at_rest(channel: int) -> ChannelEnvelope:
    return hard_envelope(channel, 1).tightened(amplitude_max_ua=0, source="electrodes are measured at rest")
