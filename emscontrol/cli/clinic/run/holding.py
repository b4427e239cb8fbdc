"""Holding a stimulator while a session runs on it: taken before, renewed beside, given back after."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from emscontrol.cli.clinic.desk import Desk
from emscontrol.core.errors import EmsError


@contextmanager
def held(desk: Desk, stimulator: int | None) -> Iterator[None]:
    """Nobody else in the clinic gets this stimulator inside. Raises BookConflict with who has it.

    It is renewed in a thread of its own, because a server that does not answer must not delay the session's sign of life.
    Nothing of the session depends on it: a hold that runs out is found by the next one who wants to take it.
    """
    if stimulator is None:
        yield
        return
    from emscontrol.clinic.stations.holds import RENEW_S, give_back, renew, take

    word = secrets.token_hex(16)
    with desk.writing("run") as (session, actor, now):
        take(session, stimulator, word, actor, now)
    over = threading.Event()

    def keep() -> None:
        while not over.wait(RENEW_S):
            with suppress(EmsError), desk.book.writing(actor, desk.now()) as session:
                renew(session, stimulator, word, desk.now())

    keeper = threading.Thread(target=keep, name="hold", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        with suppress(EmsError), desk.book.writing(actor, desk.now()) as session:
            give_back(session, stimulator, word)
