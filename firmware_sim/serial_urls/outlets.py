"""Which simulators of this process are switched on, and how a URL finds its own."""

import atexit
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from firmware_sim.body.reading import BodyError
from firmware_sim.faults import Fault, FaultTextError
from firmware_sim.scope import Scope
from firmware_sim.serial_urls.address import Address, AddressError
from firmware_sim.serial_urls.live import LONGEST_WAIT_S, LiveSimulator
from firmware_sim.server import clock_us
from firmware_sim.world import SimulatedPort, make

if TYPE_CHECKING:
    from firmware_sim.body.patient import Patient

_ON: Final[dict[LiveSimulator, Address]] = {}
_LOCK: Final = threading.RLock()


def switch_on(
    address: Address, scope: Scope | None = None, more_faults: Iterable[Fault] = (), patient: "Patient | None" = None
) -> LiveSimulator:
    """A new device as the address describes it.

    `scope` is there instead of the address's file, `more_faults` beside the address's, `patient` instead of its body.

    Raises AddressError when the name is taken, or the oscilloscope's file is there already or cannot be made.
    """
    with _LOCK:
        if address.name is not None and _named(address.name) is not None:
            raise AddressError(f"{address}: a simulator called {address.name!r} is switched on already; take another name")
        oscilloscope = scope or _scope(address)
        live = LiveSimulator(_made(address, oscilloscope, more_faults, patient), oscilloscope, clock_us())
        _ON[live] = address
    if address.scope is not None:
        threading.Thread(target=_write_on, args=(live,), name=f"oscilloscope of {address.model}", daemon=True).start()
    return live


def find(address: Address) -> LiveSimulator:
    """The simulator of this name, switched on if it is not yet; without a name a new one.

    Raises AddressError when the name belongs to a simulator that was switched on with other options.
    """
    with _LOCK:
        live = None if address.name is None else _named(address.name)
        if live is None:
            return switch_on(address)
        if address not in (_ON[live], replace(Address(address.model), name=address.name)) or address.model != _ON[live].model:
            raise AddressError(f"{address}: {address.name!r} was switched on with other options, as {_ON[live]}")
        return live


def switch_off(live: LiveSimulator) -> None:
    """Switches it off for good and frees its name."""
    live.switch_off(clock_us())
    with _LOCK:
        _ON.pop(live, None)


def unplug_from(live: LiveSimulator) -> None:
    """A client has closed the port. A device without a name goes off with it."""
    live.disconnect()
    with _LOCK:
        nameless = live in _ON and _ON[live].name is None
    if nameless:
        switch_off(live)


@atexit.register
def switch_off_all() -> None:
    """Switches off every simulator of this process; the files of their oscilloscopes are whole then."""
    for live in list(_ON):
        switch_off(live)


def _named(name: str) -> LiveSimulator | None:
    return next((live for live, address in _ON.items() if address.name == name), None)


def _made(address: Address, scope: Scope, more_faults: Iterable[Fault], patient: "Patient | None") -> SimulatedPort:
    faults = [*address.parsed_faults(), *more_faults]
    body = patient or address.body
    try:
        return make(address.model, scope=scope, faults=faults, seed=address.seed, watchdog_ms=address.watchdog_ms, body=body)
    except (FaultTextError, BodyError) as error:
        raise AddressError(f"{address}: {error}") from None


def _scope(address: Address) -> Scope:
    if address.scope is None:
        return Scope(lambda line: None)
    try:
        return Scope.to_file(address.scope)
    except OSError as error:
        why = error.strerror or error
        raise AddressError(
            f"{address}: the oscilloscope cannot write {address.scope}: {why}; give the name of a new file"
        ) from None


def _write_on(live: LiveSimulator) -> None:
    """Keeps the oscilloscope's file up to date for whoever reads it, as long as the device is on."""
    with live.changed:
        while live.on:
            now_us = clock_us()
            live.run(now_us)
            live.scope.heartbeat(now_us)
            live.wait(now_us, now_us + round(LONGEST_WAIT_S * 1e6))
