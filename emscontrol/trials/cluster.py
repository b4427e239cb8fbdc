"""The same campaign on a Dask cluster: errands of seeds go out, small outcomes come back, in the order of the seeds."""

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Final

from emscontrol.core.errors import UsageError
from emscontrol.trials.campaign import Chunk, chunks, in_order
from emscontrol.trials.outcome import Outcome

if TYPE_CHECKING:
    from concurrent.futures import Future

AHEAD: Final = 8  # errands under way for each core of the cluster
FIND_S: Final = 20  # how long to look for the scheduler


def run_on_cluster(first: int, last: int, address: str, only: Sequence[str] = ()) -> Generator[Outcome]:
    """The outcomes of all seeds in order, from the workers of the scheduler at `address`.

    Raises UsageError when Dask is not installed or the scheduler does not answer. The workers need this version of the program.
    """
    try:
        import distributed
    except ImportError as problem:
        raise UsageError(
            "--dask needs the package distributed, which is not installed.", 'Install "emscontrol[dask]".'
        ) from problem
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=FIND_S)
    except (OSError, ValueError) as problem:
        raise UsageError(f"No Dask scheduler answers at {address}: {problem}.", "Start one, or leave --dask out.") from problem
    with client:
        cores = sum(client.nthreads().values()) or 1

        def submit(errand: Callable[[Chunk], list[Outcome]], chunk: Chunk) -> "Future[list[Outcome]]":
            future: Future[list[Outcome]] = client.submit(errand, chunk, pure=False)
            return future

        yield from in_order(submit, chunks(first, last, only), cores * AHEAD)
