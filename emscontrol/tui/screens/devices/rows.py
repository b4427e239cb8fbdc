"""What stands in the list of devices: sessions of other terminals, the clinic's stimulators, ports, simulators. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from emscontrol.core.events import printable
from emscontrol.session.endpoint import Address
from emscontrol.tui.bench import FoundPort
from emscontrol.tui.clinic_time import when
from emscontrol.tui.language import _
from emscontrol.tui.widgets.listing import Row

SIMULATOR: Final = "sim"


@dataclass(frozen=True, slots=True)
class Owned:
    """A stimulator of the clinic's book: what it is called there, MODEL@PORT, its serial number and who has it now."""

    name: str
    device: str
    serial: str
    held: str


@dataclass(frozen=True, slots=True)
class Charge:
    """The battery as a stimulator reported it last."""

    percent: int
    at: datetime


@dataclass(slots=True)
class Known:
    """All that the page knows. `found` and `asked` are by port; `failed` says why the clinic's stimulators are not told.

    Moments are told in `zone`, None for this computer's.
    """

    engines: Sequence[Address] = ()
    owned: Sequence[Owned] = ()
    failed: str = ""
    found: dict[str, FoundPort] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    charges: Mapping[str, Charge] = field(default_factory=dict)
    zone: tzinfo | None = None


def rows(known: Known) -> list[Row]:
    """Keys are `engine:PID`, `own:NAME`, `port:PORT` and `sim:MODEL`."""
    made = [Row(f"engine:{each.pid}", (_("RUNNING"), each.device, _running(each))) for each in known.engines]
    made += [
        Row(f"own:{each.name}", (_("clinic's"), f"{each.name} {each.device}", _owned(each, known))) for each in known.owned
    ]
    made += [Row(f"port:{each.port}", (_("port"), _address(each), _found(each, known))) for each in known.found.values()]
    return made + [
        Row(f"sim:{model}", (_("simulator"), f"{model}@{SIMULATOR}", _(about))) for model, about in known.models.items()
    ]


def device_of(key: str, known: Known) -> str:
    """MODEL@PORT of a row, "" where nothing is known to be there."""
    kind, _colon, which = key.partition(":")
    if kind == "sim":
        return f"{which}@{SIMULATOR}"
    if kind == "own":
        return next((each.device for each in known.owned if each.name == which), "")
    found = known.found.get(which) if kind == "port" else None
    return f"{found.model}@{found.port}" if found is not None and found.model else ""


def told(found: FoundPort) -> str:
    """What answered on a port, or why nothing did."""
    if not found.model:
        return printable(found.note)
    serial = _("serial number {serial}").format(serial=printable(found.serial)) if found.serial else _("no serial number")
    firmware = _(", firmware {firmware}").format(firmware=printable(found.firmware)) if found.firmware else ""
    return _("{model} answers, {serial}{firmware}: it is at zero, nothing is armed").format(
        model=found.model, serial=serial, firmware=firmware
    )


def _running(address: Address) -> str:
    return _("a session of another terminal, engine process {pid}; x stops it").format(pid=address.pid)


def _address(found: FoundPort) -> str:
    return f"{found.model}@{found.port}" if found.model else found.port


def _found(found: FoundPort, known: Known) -> str:
    return told(found) + _battery(_address(found), known)


def _owned(each: Owned, known: Known) -> str:
    parts = [_("serial number {serial}").format(serial=printable(each.serial)) if each.serial else "", each.held]
    found = known.found.get(each.device.partition("@")[2])
    if found is not None:
        parts.append(told(found))
        if found.model and each.serial and found.serial != each.serial:
            parts.append(_("ANOTHER ONE than the book says"))
    return "; ".join(part for part in parts if part) + _battery(each.device, known)


def _battery(device: str, known: Known) -> str:
    charge = known.charges.get(device)
    if charge is None:
        return ""
    return _("; battery {percent} % on {day}").format(percent=charge.percent, day=when(charge.at, known.zone))
