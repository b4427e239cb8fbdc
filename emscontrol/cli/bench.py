"""The parts that the terminal program is handed: stimulators, limits, simulated bodies. Each is imported when it is used."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emscontrol.tui.bench import Bench, Examined, FoundPort, Offer

if TYPE_CHECKING:
    from emscontrol.protocol.load import LoadedProtocol
    from emscontrol.protocol.model import Protocol
    from emscontrol.session.spec import ProcedureSpec, SessionSpec


def workbench() -> Bench:
    """All of them."""
    from emscontrol.devices.registry import MODELS

    return Bench(
        models={name: model.about for name, model in MODELS.items()},
        examine=_examine,
        denervation=_denervation,
        measures_electrodes=_measures_electrodes,
        scan=_scan,
        bodies=_bodies,
        faults=_faults,
        procedure_for=_procedure_for,
        measuring=_measuring,
        usual_widths_us=_usual_widths_us,
        single_pulse_us=_single_pulse_us,
    )


def _examine(loaded: "LoadedProtocol", model: str, comfort_ua: Mapping[str, int], motor_ua: Mapping[str, int]) -> Examined:
    from emscontrol.wiring.examine import examine

    return examine(loaded, model, comfort_ua, motor_ua)


def _denervation(device: str) -> bool:
    from emscontrol.devices.registry import profile
    from emscontrol.wiring.address import parse_address

    return profile(parse_address(device).model).capabilities.denervation


def _measures_electrodes(model: str) -> bool:
    from emscontrol.devices.registry import profile

    return bool({"impedance", "electrode_error"} & set(profile(model).capabilities.measures))


def _scan(lock_folder: Path, ports: tuple[str, ...]) -> Iterator[FoundPort]:
    from emscontrol.wiring.scan import scan

    return scan(lock_folder, ports)


def _bodies() -> Sequence[Offer]:
    from emscontrol.wiring.bodies import all_bodies

    return [Offer(*body) for body in all_bodies()]


def _faults() -> Sequence[Offer]:
    from emscontrol.wiring.bodies import all_faults

    return [Offer(*fault) for fault in all_faults()]


def _procedure_for(protocol: "Protocol", channel: int, up_to_ua: int, step_ua: int, fine_ua: int) -> "ProcedureSpec":
    from emscontrol.wiring.procedures import procedure_for_protocol

    return procedure_for_protocol(protocol, channel, up_to_ua, step_ua, fine_ua)


def _measuring(procedure: "ProcedureSpec", device: str, journal: str, protocol: str) -> "SessionSpec":
    from emscontrol.wiring.procedures import session_of

    return session_of(procedure, device, journal, protocol)


def _usual_widths_us(model: str) -> tuple[int, ...]:
    from emscontrol.wiring.procedures import usual_widths_us

    return usual_widths_us(model)


def _single_pulse_us(model: str) -> int:
    from emscontrol.wiring.procedures import single_pulse_period_us

    return single_pulse_period_us(model)
