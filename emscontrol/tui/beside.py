"""Long work beside the screen, a piece at a time: files that are read, ports that are asked."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


async def each(pieces: Iterator[T]) -> AsyncIterator[T]:
    """The pieces as they come, each made in one thread of its own. Whoever stops listening stops it after the present piece."""
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")
    loop = asyncio.get_running_loop()
    try:
        while found := await loop.run_in_executor(thread, _next, pieces):
            yield found[0]
    finally:
        thread.shutdown(wait=False, cancel_futures=True)


def _next(pieces: Iterator[T]) -> tuple[T] | None:
    """The next one, None when there is none: what ends an iterator cannot be handed from thread to thread."""
    for piece in pieces:
        return (piece,)
    return None
