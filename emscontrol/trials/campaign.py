"""Many trials on the cores of one machine: chunks of seeds in processes of their own, results in the order of the seeds."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.trials.outcome import Outcome, run_seed

CHUNK: Final = 25  # seeds of one errand: a second or two, so that a bar moves and nothing waits long
AHEAD: Final = 4  # errands under way for each process; more would only take memory
RENEW: Final = 40  # errands of a process before a fresh one takes its place

Chunk = tuple[int, int, tuple[str, ...]]


def run_chunk(chunk: Chunk) -> list[Outcome]:
    """All trials of one chunk (first seed, last seed, models), in order."""
    first, last, only = chunk
    return [run_seed(seed, only) for seed in range(first, last + 1)]


def chunks(first: int, last: int, only: Sequence[str] = ()) -> Iterator[Chunk]:
    """The seeds from `first` to `last`, cut into errands."""
    for begin in range(first, last + 1, CHUNK):
        yield begin, min(last, begin + CHUNK - 1), tuple(only)


def run_campaign(first: int, last: int, jobs: int, only: Sequence[str] = ()) -> Iterator[Outcome]:
    """The outcomes of all seeds in order; with one job in this process, else in `jobs` others.

    Raises UsageError when a process dies (killed, out of memory).
    """
    if jobs == 1:
        for chunk in chunks(first, last, only):
            yield from run_chunk(chunk)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_at_ctrl_c, max_tasks_per_child=RENEW)
    try:
        yield from in_order(pool.submit, chunks(first, last, only), jobs * AHEAD)
    except BrokenProcessPool as problem:
        raise UsageError("A process of the campaign died.", "Run it with fewer jobs, or with --jobs 1 to see why.") from problem
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def in_order(
    submit: Callable[[Callable[[Chunk], list[Outcome]], Chunk], "Future[list[Outcome]]"], work: Iterator[Chunk], ahead: int
) -> Iterator[Outcome]:
    """Hand out errands, never more than `ahead` at once, and give their outcomes in the order of the seeds."""
    waiting: deque[Future[list[Outcome]]] = deque()
    for chunk in work:
        waiting.append(submit(run_chunk, chunk))
        if len(waiting) >= ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _end_at_ctrl_c() -> None:
    """At once and without a word: there is nothing to save, and the parent says what there is to say."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
