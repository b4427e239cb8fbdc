"""The simulators of one test, switched off together at its end."""

from collections.abc import Iterable
from itertools import count
from types import TracebackType
from typing import Final, Self

from firmware_sim.body.patient import Patient
from firmware_sim.faults import Fault
from firmware_sim.scope import Scope, ScopeLine
from firmware_sim.serial_urls import outlets
from firmware_sim.serial_urls.address import Address, parse_address
from firmware_sim.testing.oscilloscope import Oscilloscope
from firmware_sim.testing.person import Person
from firmware_sim.testing.simulator import Simulator

_NUMBERS: Final = count(1)


class Bench:
    """Makes simulators. Leaving it as a context manager switches all of them off."""

    def __init__(self) -> None:
        self.simulators: Final[list[Simulator]] = []
        self.scope: Final = Oscilloscope(lambda: self.only().scope.source())
        self.body: Final = Person(lambda: self.only().body.source())

    def switch_on(
        self,
        model: str = "p24",
        *,
        body: str | Patient | None = None,
        faults: Iterable[Fault | str] | str = (),
        seed: int = 0,
        watchdog_ms: int | None = None,
    ) -> Simulator:
        """A new device of this model.

        `body` is the name of a body, a .yaml file that describes one, or a Patient; its course follows `seed`. `faults` are
        written as for `--fault`, or Fault objects; `watchdog_ms` replaces the device's own watchdog time.
        Raises AddressError with a sentence for an unknown model, body or fault.
        """
        given = [faults] if isinstance(faults, str) else list(faults)
        texts = tuple(fault for fault in given if isinstance(fault, str))
        address = Address(
            model, body if isinstance(body, str) else None, texts, seed, watchdog_ms, name=f"test-{next(_NUMBERS)}"
        )
        address = parse_address(str(address))
        lines: list[ScopeLine] = []
        ready_made = [fault for fault in given if isinstance(fault, Fault)]
        patient = body if isinstance(body, Patient) else None
        live = outlets.switch_on(address, Scope.in_memory(lines), ready_made, patient)
        simulator = Simulator(live, address, lines)
        self.simulators.append(simulator)
        return simulator

    def only(self) -> Simulator:
        """The simulator of this bench, when there is just one; LookupError with what to do otherwise."""
        if len(self.simulators) == 1:
            return self.simulators[0]
        if not self.simulators:
            raise LookupError("no simulator is switched on in this test yet; call ems_simulator(...) first")
        raise LookupError(
            f"{len(self.simulators)} simulators are switched on in this test; ask one of them, as in simulator.scope"
        )

    def switch_off(self) -> None:
        """Switches off all simulators."""
        while self.simulators:
            self.simulators.pop().switch_off()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.switch_off()
