"""One simulated stimulator in the hands of a test: where a program finds it, what came out, what goes wrong with it."""

import threading
from io import StringIO
from typing import Final

from firmware_sim.body.speech import Saying
from firmware_sim.device import SimulatedDevice
from firmware_sim.endpoints import EndpointError, PtyEndpoint
from firmware_sim.faults import Fault, kind_named, parse_fault
from firmware_sim.scope import ScopeLine
from firmware_sim.serial_urls import outlets
from firmware_sim.serial_urls.address import Address
from firmware_sim.serial_urls.live import LiveSimulator
from firmware_sim.server import Server, clock_us
from firmware_sim.testing.oscilloscope import Oscilloscope
from firmware_sim.testing.person import Person

STOP_LIMIT_S: Final = 5.0


class _PseudoTerminal:
    """Serves the simulator's line on a pseudo-terminal, in a thread of this process."""

    def __init__(self, live: LiveSimulator) -> None:
        live.connect("its pseudo-terminal", clock_us())
        try:
            self.endpoint: Final = PtyEndpoint()
        except EndpointError:
            live.disconnect()
            raise
        self._server: Final = Server(live, self.endpoint, out=StringIO())
        self._thread: Final = threading.Thread(target=self._server.run, name=f"emssim {self.endpoint.address}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hangs up and ends the thread."""
        self._server.stop()
        self._thread.join(STOP_LIMIT_S)


class Simulator:
    """A stimulator that is switched on. It stays on, whoever opens and closes its port, until it is switched off."""

    def __init__(self, live: LiveSimulator, address: Address, lines: list[ScopeLine]) -> None:
        self._live: Final = live
        self._url: Final = str(address)
        self._scope: Final = Oscilloscope(lambda: (live, lines))
        sayings: list[Saying] = []
        if live.port.body is not None:
            live.port.body.listen(sayings.append)
        self._body: Final = Person(lambda: (live, sayings))
        self._terminal: _PseudoTerminal | None = None

    @property
    def url(self) -> str:
        """What a program of this process opens with pyserial."""
        return self._url

    @property
    def scope(self) -> Oscilloscope:
        """What came out."""
        return self._scope

    @property
    def body(self) -> Person:
        """Who is at the electrodes; its questions raise LookupError where nobody is."""
        return self._body

    @property
    def pty(self) -> str:
        """The path of a pseudo-terminal with this device behind it, for programs that open a path or run as a process.

        From the first time on that this is asked for, the device is reached there and no longer at `url`. After an `unplug`
        that ends, the path is another one. Raises EndpointError where the system has no pseudo-terminals, Busy while a program
        of this process has `url` open.
        """
        if self._terminal is None:
            self._terminal = _PseudoTerminal(self._live)
        return self._terminal.endpoint.address

    @property
    def device(self) -> SimulatedDevice:
        """The simulated device itself, with all that its model can tell; look at `scope` first, so that it is up to date."""
        return self._live.port.device

    def inject(self, fault: Fault | str) -> None:
        """One more fault, written as for `--fault`: without `@START_S` from now on, else so long after the first output.

        Raises FaultTextError with a sentence for a text that is no fault.
        """
        self._live.inject(parse_fault(fault) if isinstance(fault, str) else fault, clock_us())

    def mend(self, name: str) -> None:
        """Ends all faults of this name. Raises FaultTextError with the names there are for one that no fault has."""
        self._live.clear(kind_named(name), clock_us())

    def power_cycle(self) -> None:
        """The device loses power for a moment: output zero, everything forgotten."""
        self._live.power_cycle(clock_us())

    def switch_off(self) -> None:
        """For good. A port that a program still has open then says that the device is gone."""
        if self._terminal is not None:
            self._terminal.stop()
        outlets.switch_off(self._live)

    def __repr__(self) -> str:
        return f"<Simulator {self._url}>"
