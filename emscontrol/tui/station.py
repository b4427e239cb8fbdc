"""The clinic's book as the screens reach it: every call in one thread of its own, in order, so that the screen never waits."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from emscontrol.core.errors import EmsError, NotAllowed, StorageError
from emscontrol.desk.desk import AtWork, StationDesk
from emscontrol.desk.wording import worded
from emscontrol.tui.language import _
from emscontrol.tui.places import named

if TYPE_CHECKING:
    from emscontrol.clinic.book.actor import Actor
    from emscontrol.clinic.book.book import About
    from emscontrol.config import Settings

T = TypeVar("T")


@contextmanager
def _in_clinic_words(desk: StationDesk) -> Iterator[None]:
    """What is refused is told with the clinic's clock, and with muscles by their names; what to type stays as it is typed."""
    try:
        yield
    except EmsError as problem:
        if desk.opened:
            worded(problem, desk.zone)
            problem.what = named(problem.what)
        raise


class Station:
    """`passphrase` is what was typed for an encrypted book. All calls raise what the book raises, as EmsErrors."""

    def __init__(self, home: str) -> None:
        self.passphrase = ""
        self.home = home
        self.desk = self._new_desk()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="book")

    def _new_desk(self) -> StationDesk:
        return StationDesk(self.home, lambda settings, twice: self._passphrase_of(settings))

    async def call(self, work: Callable[[StationDesk], T]) -> T:
        """Do something with the desk."""
        desk = self.desk

        def done() -> T:
            try:
                return work(desk)
            except OSError as problem:
                raise unusable(problem) from problem

        return await asyncio.get_running_loop().run_in_executor(self._thread, done)

    async def read(self, permission: str, work: Callable[[AtWork], T]) -> T:
        """Look into the book as who is logged in: `work` gets the database's session, who it is and the time."""

        def look(desk: StationDesk) -> T:
            with _in_clinic_words(desk), desk.reading(permission) as at_work:
                return work(at_work)

        return await self.call(look)

    async def write(self, permission: str, work: Callable[[AtWork], T]) -> T:
        """One change of the book, whole or not at all, as who is logged in."""

        def change(desk: StationDesk) -> T:
            with _in_clinic_words(desk), desk.writing(permission) as at_work:
                return work(at_work)

        return await self.call(change)

    async def about(self) -> "About":
        """What the book is. Raises BookError when there is none that can be used."""
        return await self.call(lambda desk: desk.book.about)

    async def settings(self) -> "Settings":
        """What the user set."""
        return await self.call(lambda desk: desk.settings)

    async def who(self) -> "Actor | None":
        """Who is logged in here; None for nobody, and when the login is locked. Looking renews it."""

        def look(desk: StationDesk) -> "Actor | None":
            try:
                return desk.actor(desk.now())
            except NotAllowed:
                return None

        return await self.call(look)

    def unlock(self, passphrase: str) -> None:
        """Another passphrase for the book, which is opened anew when it is next needed."""
        self.passphrase = passphrase
        before, self.desk = self.desk, self._new_desk()
        self._thread.submit(before.close)

    def close(self) -> None:
        """Let go of the book."""
        with suppress(EmsError):
            self._thread.submit(self.desk.close)
        self._thread.shutdown(wait=False)

    def _passphrase_of(self, settings: "Settings") -> str:
        from emscontrol.desk.passphrase import passphrase_in

        return passphrase_in(settings.passphrase_file) if settings.passphrase_file is not None else self.passphrase


def unusable(problem: OSError) -> StorageError:
    """What the system refused, for the person at the screen."""
    return StorageError(
        _("{file} cannot be used: {why}.").format(
            file=problem.filename or _("A file of this station"), why=problem.strerror or problem
        ),
        _("Look whether the disk is there, and has room; then try again."),
    )
