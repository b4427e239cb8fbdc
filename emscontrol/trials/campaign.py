"""Many trials on the cores of one machine: chunks of seeds in processes of their own, results in the order of the seeds."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from typing import Final

from emscontrol.trials.outcome import Outcome, run_seed
from emscontrol.trials.workers import in_processes

CHUNK: Final = 25  # seeds of one errand: a few seconds, so that a bar moves and nothing waits long
FIRST_CHUNKS: Final = (1, 1, 2, 2, 4, 4, 8, 8)  # smaller, so that the bar moves from the first seconds on
RENEW: Final = 80  # errands of a process before a fresh one takes its place

Chunk = tuple[int, int, tuple[str, ...]]


def run_chunk(chunk: Chunk) -> list[Outcome]:
    """All trials of one chunk (first seed, last seed, models), in order."""
    first, last, only = chunk
    return [run_seed(seed, only) for seed in range(first, last + 1)]


def chunks(first: int, last: int, only: Sequence[str] = ()) -> Iterator[Chunk]:
    """The seeds from `first` to `last`, cut into errands."""
    sizes = iter(FIRST_CHUNKS)
    while first <= last:
        end = min(last, first + next(sizes, CHUNK) - 1)
        yield first, end, tuple(only)
        first = end + 1


def run_campaign(first: int, last: int, jobs: int, only: Sequence[str] = ()) -> Generator[Outcome]:
    """The outcomes of all seeds in order; with one job in this process, one after the other, else in `jobs` others.

    Close it when it is not read to its end: that ends the processes. Raises UsageError when one dies (killed, out of memory).
    """
    if jobs == 1:
        for seed in range(first, last + 1):
            yield run_seed(seed, only)
        return
    for outcomes in in_processes(run_chunk, chunks(first, last, only), jobs, RENEW):
        yield from outcomes


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
