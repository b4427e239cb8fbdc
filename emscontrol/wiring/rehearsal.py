"""A whole session in virtual time, in this process: as fast as the machine can."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event
from emscontrol.record.clock import local_wall_clock
from emscontrol.record.journal import Journal
from emscontrol.record.signing import Signer
from emscontrol.session.inputs import Note
from emscontrol.session.spec import SessionSpec
from emscontrol.session.virtual import VirtualRun, rehearse
from emscontrol.wiring.assembly import Assembly, assemble
from emscontrol.wiring.bedside import bystander_of
from emscontrol.wiring.ports import simulated_link


class VirtualWall:
    """The time of day of a session in virtual time: when it began, and what has passed on the run's own clock since."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._run: VirtualRun | None = None

    def follow(self, run: VirtualRun) -> None:
        """Go by the clock of this run from now on."""
        self._run = run

    def __call__(self) -> str:
        """The time of day as the journal writes it."""
        passed_us = self._run.now_us if self._run else 0
        return (self._began + timedelta(microseconds=passed_us)).isoformat(timespec="milliseconds")


def rehearse_session(
    spec: SessionSpec,
    listener: Callable[[Event, int], None],
    began: datetime | None = None,
    signer: Signer | None = None,
) -> Assembly:
    """Run the session to its end; the engine of the returned assembly has result and totals.

    With `began` the record tells the virtual time from that time of day on, and the screening is judged by it; without it
    both go by the clock of the computer. Without a `signer` the record is chained and not signed. Raises UsageError for a
    real port, and what `assemble` raises.
    """
    assembly = assemble(spec, began or datetime.now().astimezone())
    if not assembly.address.simulated:
        raise UsageError("--speed is for simulators; a person gets a session at its own pace.", "Leave --speed out.")
    with ExitStack() as stack:
        link = simulated_link(
            assembly.address.model,
            stack=stack,
            scope=spec.scope,
            faults=spec.faults,
            seed=spec.seed,
            watchdog_ms=spec.watchdog_ms,
            body=spec.body or None,
        )
        clock = VirtualWall(began) if began else None
        journal = Journal.create(Path(spec.journal), clock or local_wall_clock, threaded=False, sync=False, signer=signer)
        stack.callback(journal.close)
        run = VirtualRun(assembly.engine, link, journal, listener, bystander=bystander_of(link))
        if clock is not None:
            clock.follow(run)
        for event in assembly.opening:
            run.give(Note(event))
        rehearse(run)
    return assembly
