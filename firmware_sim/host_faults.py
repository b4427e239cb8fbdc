"""What can go wrong on the host's side of the cable, by name. Whoever runs a host in virtual time makes it happen."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class HostKind(StrEnum):
    """The mishaps of the computer that runs the session, of the operator's program and of the record."""

    STANDSTILL = "standstill"
    KILLED = "killed"
    HANG = "hang"
    EXCEPTION = "exception"
    CLIENT_GONE = "client_gone"
    LEASE_LOST = "lease_lost"
    JOURNAL_FAILS = "journal_fails"
    JOURNAL_LOST = "journal_lost"
    JOURNAL_LAGS = "journal_lags"
    CLOCK_JUMPS = "clock_jumps"


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A mishap in words. `low` and `high` bound its length in `unit`, where it has one."""

    about: str
    unit: str = ""
    low: int = 0
    high: int = 0


HOST_KINDS: Final[dict[HostKind, HostSpec]] = {
    HostKind.STANDSTILL: HostSpec("the engine does not run for a while, then goes on (SIGSTOP, suspend)", "ms", 1, 60_000),
    HostKind.KILLED: HostSpec("the engine is gone at once (SIGKILL, out of memory, power loss)"),
    HostKind.HANG: HostSpec("the engine never comes back from a call: nothing is read, sent or recorded any more"),
    HostKind.EXCEPTION: HostSpec("a call that the engine's loop makes raises"),
    HostKind.CLIENT_GONE: HostSpec("the operator's program is gone: its connection ends"),
    HostKind.LEASE_LOST: HostSpec("the operator's program is silent for longer than its lease"),
    HostKind.JOURNAL_FAILS: HostSpec("the disk takes no more of the record; the reserve does"),
    HostKind.JOURNAL_LOST: HostSpec("neither the disk nor the reserve takes any more of the record"),
    HostKind.JOURNAL_LAGS: HostSpec("the record waits for the disk", "ms", 1, 60_000),
    HostKind.CLOCK_JUMPS: HostSpec("the time of day jumps", "s", -31_536_000, 31_536_000),
}
