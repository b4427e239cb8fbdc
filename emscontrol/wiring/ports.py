"""Opening the stimulator's end: a locked port, or a simulator in this process."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from emscontrol.core.errors import UsageError
from emscontrol.devices.registry import serial_settings
from emscontrol.session.links import Link, StreamLink, TimedLink
from emscontrol.wiring.address import DeviceAddress
from emscontrol.wiring.bedside import SimulatedLink

if TYPE_CHECKING:
    from firmware_sim.body.patient import Patient

PROGRAM = "emscontrol"


def open_link(
    address: DeviceAddress,
    lock_folder: Path,
    stack: ExitStack,
    *,
    scope: str = "",
    faults: Iterable[str] = (),
    seed: int = 0,
    watchdog_ms: int | None = None,
    body: str = "",
) -> Link:
    """The link to a stimulator; lock and port are given back when `stack` closes.

    Raises LinkBusy with the holder's name when another controller has the port, LinkError when it cannot be opened.
    """
    if address.simulated:
        return simulated_link(
            address.model, scope=scope, faults=faults, seed=seed, watchdog_ms=watchdog_ms, body=body or None, stack=stack
        )
    if scope or tuple(faults) or body:
        raise UsageError("--scope, --fault and --body belong to simulators.", f"Use them with {address.model}@sim.")
    from emscontrol.transport.lock import PortLock
    from emscontrol.transport.serial_port import PortSettings, open_port

    lock = PortLock(address.port, lock_folder, PROGRAM)
    stack.callback(lock.release)
    line = serial_settings(address.model)
    link = StreamLink(open_port(address.port, PortSettings(line.baud, line.parity, line.stop_bits, line.rtscts)))
    stack.callback(link.close)
    return link


def simulated_link(
    model: str,
    *,
    stack: ExitStack,
    scope: str = "",
    faults: Iterable[str] = (),
    seed: int = 0,
    watchdog_ms: int | None = None,
    body: "str | Patient | None" = None,
) -> TimedLink:
    """A simulator of this model in memory; `body` is who has its electrodes on.

    Raises UsageError for a fault that makes no sense, or none on this model, and for a body that is not known.
    """
    from firmware_sim.body.reading import BodyError
    from firmware_sim.scope import Scope
    from firmware_sim.world import make, plan_faults

    try:
        parsed = plan_faults(model, faults)
    except ValueError as problem:
        raise UsageError(f"--fault: {problem}") from problem
    try:
        sink = Scope.to_file(Path(scope)) if scope else None
    except OSError as problem:
        raise UsageError(f"--scope: {scope} cannot be made: {problem.strerror}.", "Name a new file.") from problem
    try:
        port = make(model, scope=sink, faults=parsed, seed=seed, watchdog_ms=watchdog_ms, body=body)
    except BodyError as problem:
        raise UsageError(f"--body: {problem}") from problem
    link = SimulatedLink(port)
    if sink is not None:
        stack.callback(lambda: sink.finish(link.last_us))
    return link
