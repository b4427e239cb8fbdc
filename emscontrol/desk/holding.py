"""While a session runs: its stimulator is nobody else's, and who runs it stays logged in."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from emscontrol.core.errors import EmsError
from emscontrol.desk.desk import StationDesk

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from emscontrol.clinic.book.actor import Actor


@contextmanager
def held(
    desk: StationDesk,
    stimulator: int | None,
    tell: Callable[[str], None] = lambda _words: None,
    also: Callable[["Session"], None] = lambda _session: None,
    after: Callable[["Session"], None] = lambda _session: None,
) -> Iterator[None]:
    """Nobody else in the clinic gets this stimulator inside, and the login is renewed. Raises BookConflict with who has it.

    `also` is done in the same change of the book, after the stimulator was taken: both or neither. `after` is
    done when it has been given back; what goes wrong with it is told and not raised, for a session is over.

    It is renewed in a thread of its own, because a server that does not answer must not delay the session's sign of life.
    Nothing of the session depends on it: a hold that runs out is found by the next one who wants to take it. `tell` is told, in
    that thread, when it cannot be renewed, and when it can again.
    """

    def used() -> None:
        desk.actor(desk.now())

    if stimulator is None:
        with desk.writing("run") as (session, actor, _now):
            also(session)
        try:
            with beside(used):
                yield
        finally:
            _do_after(desk, actor, after, tell)
        return
    from emscontrol.clinic.stations.holds import give_back, renew, take

    word = secrets.token_hex(16)
    with desk.writing("run") as (session, actor, now):
        take(session, stimulator, word, actor, now)
        also(session)

    def kept() -> None:
        with desk.book.writing(actor, desk.now()) as session:
            renew(session, stimulator, word, desk.now())

    try:
        with beside(_telling(kept, tell), used):
            yield
    finally:
        with suppress(EmsError, OSError), desk.book.writing(actor, desk.now()) as session:
            give_back(session, stimulator, word)
        _do_after(desk, actor, after, tell)


def _do_after(desk: StationDesk, actor: "Actor", after: Callable[["Session"], None], tell: Callable[[str], None]) -> None:
    """In a change of its own: whatever becomes of it, the stimulator is given back."""
    try:
        with desk.book.writing(actor, desk.now()) as session:
            after(session)
    except (EmsError, OSError) as problem:
        tell(why_of(problem))


def why_of(problem: EmsError | OSError) -> str:
    """What went wrong, as a sentence."""
    return problem.what if isinstance(problem, EmsError) else f"{problem.strerror or problem}."


@contextmanager
def stays_here(desk: StationDesk, book: str) -> Iterator[None]:
    """Without the book: who runs the session has used his login meanwhile."""
    from emscontrol.desk.kept import still_here

    with beside(lambda: still_here(desk, book)):
        yield


@contextmanager
def beside(*renewals: Callable[[], None]) -> Iterator[None]:
    """These are done now and then while the inside runs; one that fails is done again the next time."""
    from emscontrol.clinic.stations.holds import RENEW_S

    over = threading.Event()

    def keep() -> None:
        while not over.wait(RENEW_S):
            for renewal in renewals:
                with suppress(EmsError, OSError):
                    renewal()

    threading.Thread(target=keep, name="hold", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _telling(renewal: Callable[[], None], tell: Callable[[str], None]) -> Callable[[], None]:
    """The same, which tells once that it fails, and once that it works again."""
    failing = ""

    def told() -> None:
        nonlocal failing
        try:
            renewal()
        except (EmsError, OSError) as problem:
            why = why_of(problem)
            if why != failing:
                tell(f"The hold of the stimulator cannot be renewed; when it runs out, others may take it: {why}")
            failing = why
            return
        if failing:
            tell("The hold of the stimulator is renewed again.")
        failing = ""

    return told
