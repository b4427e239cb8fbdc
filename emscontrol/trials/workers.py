"""Errands for processes of their own: results in the order of the errands, an end at once, and nobody left behind.

Ctrl+C in a terminal reaches the whole process group. Here only the parent hears it; it kills its workers, who have nothing to
save. A worker whose parent is gone, however that came about, ends by itself.
"""

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, Final, TypeVar

from emscontrol.core.errors import UsageError

AHEAD: Final = 8  # errands for each worker that may be finished before an earlier one; more would only take memory
GARBAGE_AFTER: Final = 20_000  # objects; a session leaves few cycles, so looking for them after every 700 is wasted
END_S: Final = 5.0  # how long a killed process may take to be gone
SPAWN: Final = multiprocessing.get_context("spawn")

Errand = TypeVar("Errand")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Worker:
    """One process, the line to it, the number of its errand (None: idle), and how many more it is given."""

    process: BaseProcess
    line: "Connection[Any, Any]"
    number: int | None
    left: int


def in_processes(call: Callable[[Errand], Result], errands: Iterable[Errand], jobs: int, renew: int) -> Generator[Result]:
    """What `call` makes of each errand, in their order, from `jobs` processes; each is replaced after `renew` errands.

    Raises UsageError when a process dies (killed, out of memory, an exception in `call`). However it ends, no process stays.
    """
    waiting = enumerate(errands)
    crew: list[_Worker] = []
    done: dict[int, Result] = {}
    given = told = 0
    try:
        while True:
            given += _hand_out(crew, waiting, call, jobs, renew, told + jobs * AHEAD - given)
            busy = {worker.line: worker for worker in crew if worker.number is not None}
            if not busy:
                return
            for line in wait(list(busy)):
                _take(busy[line], done)  # type: ignore[index]  # what is waited for are these lines
            while told in done:
                yield done.pop(told)
                told += 1
    finally:
        with _undisturbed():
            _dismiss(crew)


def _hand_out(
    crew: list[_Worker],
    waiting: Iterator[tuple[int, Errand]],
    call: Callable[[Errand], Result],
    jobs: int,
    renew: int,
    most: int,
) -> int:
    """An errand for everybody who is idle, `most` at most; returns how many. Who has had enough of them is replaced."""
    spent = [worker for worker in crew if worker.number is None and not worker.left]
    _dismiss(spent)
    crew[:] = [worker for worker in crew if worker not in spent]
    idle = [worker for worker in crew if worker.number is None]
    given = 0
    while given < most and (idle or len(crew) < jobs):
        number, errand = next(waiting, (-1, None))
        if number < 0:
            break
        if not idle:
            with _undisturbed():
                crew.append(_hired(call, renew))
            idle = crew[-1:]
        worker = idle.pop()
        worker.number, worker.left = number, worker.left - 1
        with _alive():
            worker.line.send(errand)
        given += 1
    return given


def _hired(call: Callable[[Errand], Result], renew: int) -> _Worker:
    line, far_end = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve, args=(call, far_end), daemon=True)
    process.start()
    far_end.close()
    return _Worker(process, line, None, renew)


def _take(worker: _Worker, done: dict[int, Any]) -> None:
    """The result of its errand."""
    with _alive():
        result = worker.line.recv()
    done[-1 if worker.number is None else worker.number] = result
    worker.number = None


@contextmanager
def _alive() -> Iterator[None]:
    """A line that is broken or at its end means that nobody is there any more."""
    try:
        yield
    except (EOFError, OSError) as problem:
        raise UsageError("A process of the campaign died.", "Run it with fewer jobs, or with --jobs 1 to see why.") from problem


def _dismiss(crew: list[_Worker]) -> None:
    for worker in crew:
        worker.process.kill()
    for worker in crew:
        worker.process.join(END_S)
        worker.line.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl+C has to wait; a process that is started meanwhile never hears it, from its first instruction on."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # when it is started later, it lets Ctrl+C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- in the worker ---------------------------------------------------------------------------------------------------------


def _serve(call: Callable[[Any], Any], line: "Connection[Any, Any]") -> None:
    """Errand after errand, until nobody has another."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    spare_garbage()
    while True:
        try:
            errand = line.recv()
        except EOFError:
            return
        line.send(call(errand))


def spare_garbage() -> None:
    """Look for garbage seldom, and never again in what is there already: the program itself is none."""
    gc.set_threshold(GARBAGE_AFTER, *gc.get_threshold()[1:])
    gc.collect()
    gc.freeze()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
