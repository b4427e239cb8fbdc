"""Every error of the program, with what a person needs to know about it.

    EmsError
      ProtocolFileError     a protocol file cannot be read or says what it may not say
      SafetyRefusal         a rule says no
      DeviceMisfit          this stimulator cannot do what is asked
      IllegalTransition     not in this state
      LinkError             the wire: LinkLost, LinkBusy
      DeviceRefused         the device said no
      StorageError          the journal or another file cannot be written or read
      JournalBroken         a record does not verify
      UsageError            a command line or a request that makes no sense
      BookError             the clinic's book cannot be used: BookUnreachable, BookBusy
      BookConflict          somebody else has changed the same thing meanwhile, or it is taken
      NotAllowed            who is asking may not do this, or is not who he says

Each has `what` (what happened, and where), `remedy` (what to do) and the exit code that a command line ends with.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What the exit codes of the command line mean."""

    FINE = 0
    REFUSED = 1  # a rule says no
    USAGE = 2  # unreadable file or wrong usage
    JOURNAL = 3  # a journal is not intact
    DEVICE = 4  # absent, busy or at fault
    INTERNAL = 5  # internal fault, after a safe stop
    STOPPED = 6  # stopped by a person
    BOOK = 7  # the clinic's book is absent, unreachable, damaged or of another version


RESULT_CODES: Final[Mapping[str, ExitCode]] = {
    "completed": ExitCode.FINE,
    "stopped": ExitCode.STOPPED,
    "fault": ExitCode.DEVICE,
    "refused": ExitCode.REFUSED,
}
"""What a session's result is as an exit code, for the command line and for the engine process."""


class EmsError(Exception):
    """Base of all: `what` happened and where, `remedy` says what to do."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class ProtocolFileError(EmsError):
    """A protocol file is refused. `problems` has a line for each: `file:line:column: key: what was found; what is right`."""

    exit_code = ExitCode.USAGE

    def __init__(self, what: str, problems: tuple[str, ...] = (), remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.problems = problems or (what,)


class SafetyRefusal(EmsError):
    """A rule refuses. `rules` are the ids of the rules that said no."""

    exit_code = ExitCode.REFUSED

    def __init__(self, what: str, remedy: str = "", rules: tuple[str, ...] = ()) -> None:
        super().__init__(what, remedy)
        self.rules = rules


class DeviceMisfit(EmsError):
    """The chosen stimulator cannot do what the protocol asks. `reasons` are whole sentences."""

    exit_code = ExitCode.REFUSED

    def __init__(self, what: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.reasons = reasons or (what,)


class IllegalTransition(EmsError):
    """A request that the present state does not allow; nothing has changed."""

    exit_code = ExitCode.REFUSED


class LinkError(EmsError):
    """The connection to the stimulator."""

    exit_code = ExitCode.DEVICE


class LinkLost(LinkError):
    """The port hung up, or nothing valid has been heard for too long. Current may still be flowing."""


class LinkBusy(LinkError):
    """Another program holds the port; `holder` names it where that is known."""

    def __init__(self, what: str, remedy: str = "", holder: str = "") -> None:
        super().__init__(what, remedy)
        self.holder = holder


class DeviceRefused(EmsError):
    """The device answered no; `code` is its own."""

    exit_code = ExitCode.DEVICE

    def __init__(self, what: str, remedy: str = "", code: int = 0) -> None:
        super().__init__(what, remedy)
        self.code = code


class StorageError(EmsError):
    """A file cannot be written or read."""

    exit_code = ExitCode.INTERNAL


class JournalBroken(EmsError):
    """A journal was changed, cut or reordered."""

    exit_code = ExitCode.JOURNAL


class UsageError(EmsError):
    """A request that makes no sense as it was typed."""

    exit_code = ExitCode.USAGE


class BookError(EmsError):
    """The clinic's book cannot be opened or used as it is."""

    exit_code = ExitCode.BOOK


class BookUnreachable(BookError):
    """The server of the book does not answer, or the connection broke. What was not confirmed may or may not be written."""


class BookBusy(BookError):
    """Another program has the book for itself right now; nothing was changed."""


class BookConflict(EmsError):
    """Somebody else has changed or taken the same thing meanwhile; nothing of this change was kept."""

    exit_code = ExitCode.REFUSED


class NotAllowed(EmsError):
    """Wrong PIN, locked, not logged in, or a role that may not do this."""

    exit_code = ExitCode.REFUSED
