"""The engine process: `python -m emscontrol.wiring.engine_process`, one session spec as a line on standard input.

Answers one line on standard output: where it listens, or why it refuses. Then it serves until the session is closed.
"""

import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from emscontrol.core.errors import RESULT_CODES, EmsError, ExitCode, ProtocolFileError
from emscontrol.record.clock import local_wall_clock
from emscontrol.record.journal import Journal
from emscontrol.record.place import room_for_journal
from emscontrol.record.recover import clock_doubt, find_interrupted
from emscontrol.session.endpoint import Endpoint
from emscontrol.session.inputs import Note
from emscontrol.session.realtime import RealTimeRun
from emscontrol.session.runtime import runtime_folder
from emscontrol.session.signals import SignalPipe
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.assembly import Assembly, assemble
from emscontrol.wiring.bedside import bystander_of
from emscontrol.wiring.ports import open_link
from emscontrol.wiring.procedures import assemble_procedure
from emscontrol.wiring.station import signer_of

NICENESS = -10  # asked for and done without: an ordinary user may not raise it


def main() -> int:
    """Run one session. Returns the exit code."""
    signals = SignalPipe()
    with ExitStack() as stack:
        try:
            spec = SessionSpec.from_json(sys.stdin.readline())
            assembly = assemble_procedure(spec) if spec.procedure else assemble(spec, datetime.now().astimezone())
            run = _prepare(spec, assembly, signals, stack)
        except EmsError as problem:
            _say({"refused": _refusal(problem)})
            return int(problem.exit_code)
        return _serve(run, assembly)


def _prepare(spec: SessionSpec, assembly: Assembly, signals: SignalPipe, stack: ExitStack) -> RealTimeRun:
    folder = runtime_folder(spec.home)
    link = open_link(
        assembly.address,
        folder,
        stack,
        scope=spec.scope,
        faults=spec.faults,
        seed=spec.seed,
        watchdog_ms=spec.watchdog_ms,
        body=spec.body,
    )
    room_for_journal(Path(spec.journal).parent)
    journal = Journal.create(Path(spec.journal), local_wall_clock, signer=signer_of(spec.home))
    stack.callback(journal.close)
    endpoint = Endpoint(folder, spec.device)
    stack.callback(endpoint.close)
    clock = _clock(spec.speed if assembly.address.simulated else 1.0)
    run = RealTimeRun(
        assembly.engine,
        link,
        journal,
        endpoint,
        signals,
        clock,
        pace=spec.speed if assembly.address.simulated else 1.0,
        simulated=assembly.address.simulated,
        journal_path=spec.journal,
        bystander=bystander_of(link),
    )
    journals = Path(spec.journal).parent
    left_behind = [found.event() for found in find_interrupted(journals)]
    doubt = clock_doubt(journals, datetime.now().astimezone())
    for event in (*assembly.opening, *left_behind, *((doubt,) if doubt else ())):
        run.note(Note(event))
    _be_quick()
    address = endpoint.address
    _say({"ready": {name: getattr(address, name) for name in type(address).__slots__}})
    return run


def _serve(run: RealTimeRun, assembly: Assembly) -> int:
    """The outermost loop of the engine: whatever happens inside, the stop goes out first."""
    try:
        run.run()
    except Exception as problem:  # noqa: BLE001 -- one of the two outermost loops: stop, record, tell, exit
        run.fail(problem)
        return int(ExitCode.INTERNAL)
    if run.signal:
        return 128 + run.signal
    return int(RESULT_CODES.get(assembly.engine.result, ExitCode.INTERNAL))


def _clock(speed: float) -> Callable[[], int]:
    began_ns = time.monotonic_ns()
    if speed == 1.0:
        return lambda: time.monotonic_ns() // 1_000
    return lambda: began_ns // 1_000 + round((time.monotonic_ns() - began_ns) / 1_000 * speed)


def _be_quick() -> None:
    """No collection of what is there already, and more of the processor where the system grants it."""
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


def _refusal(problem: EmsError) -> dict[str, object]:
    problems = problem.problems if isinstance(problem, ProtocolFileError) else ()
    return {"what": problem.what, "remedy": problem.remedy, "exit_code": int(problem.exit_code), "problems": list(problems)}


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201 -- the one line the client waits for
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)


if __name__ == "__main__":
    sys.exit(main())
