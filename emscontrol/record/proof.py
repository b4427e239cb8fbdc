"""The signatures of a journal, followed record by record: by whose key, up to which record, and what does not fit."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from emscontrol.core.units import US_PER_S, counted
from emscontrol.record.chain import KEPT_MAX, Problem
from emscontrol.record.line import CHECKPOINT_US, SIGNED
from emscontrol.record.reading import Read
from emscontrol.record.signing import fits_record, key_id

WITHOUT: Final[Mapping[str, str]] = {}
"""No known keys: signatures are held against the key that the journal itself names."""

SLACK_US: Final = 10 * US_PER_S
"""From when a checkpoint is due to the last record that may come before it: it is made in the same turn, before the next."""


class Proof:
    """Feed it each record whose own hash is right. `known` are names by public key; they say whose a wrong signature is.

    A signature counts only where the record stands, so that one after a damage vouches for nothing before it.
    """

    def __init__(self, known: Mapping[str, str] = WITHOUT) -> None:
        self.key = ""  # that the first record names
        self._opened = False  # the first record was read, so that it is known whether there is a key
        self.signed_to = 0  # the last record that stands and bears the key's signature, nothing being wrong before it
        self.signed_hash = ""
        self._signed_us = 0
        self._due_us: int | None = None  # when a checkpoint has to come, None while no record is without a signature
        self.more = 0
        self.problems: list[Problem] = []
        self._known = known

    def take(self, link: Read, stands: bool) -> None:
        """The next record, and whether the chain stands up to it."""
        self._opened = self._opened or link.n == 1
        if link.n == 1 and link.key and not self.key:
            self.key = link.key
        if not link.sig and link.event not in SIGNED and (not self.signed_to or self._in_time(link.t_us)):
            return  # nearly all records of a long session
        wrong = self._wrong(link) or (self._unsigned(link) if stands and not self.problems else "")
        if wrong and len(self.problems) < KEPT_MAX:
            self.problems.append(Problem(link.n, "signature", wrong))
        elif wrong:
            self.more += 1
        elif link.sig and stands and not self.problems:
            self.signed_to, self.signed_hash = link.n, link.hash
            self._signed_us, self._due_us = link.t_us, None

    def _wrong(self, link: Read) -> str:
        """What is wrong with the signature of this record, "" when nothing is."""
        due = bool(self.key) and link.event in SIGNED
        if not link.sig:
            return f"Record {link.n} has no signature, which it must have." if due else ""
        if not self._opened:
            return ""  # nothing to hold it against: the chain tells that the first record is missing, and nothing stands
        if not due:
            return f"Record {link.n} was changed: it bears a signature where none belongs."
        if fits_record(self.key, link.hash, link.sig):
            return ""
        since = f"what follows record {self.signed_to}" if self.signed_to else "all of it"
        other = self._other(lambda public: fits_record(public, link.hash, link.sig))
        if other:
            return f"Record {link.n} was re-signed by another key ({self._name(other)}): {since} may have been written anew."
        return (
            f"The signature of record {link.n} does not fit: it was not made with this journal's key, so {since} is in doubt."
        )

    def _in_time(self, t_us: int) -> bool:
        """Whether a record without a signature may come at this time.

        It may be the first for hours. But once one waits for a signature, a checkpoint comes a minute after the last one, or
        at once where that is over: before any other record.
        """
        if self._due_us is None:
            self._due_us = max(t_us, self._signed_us + CHECKPOINT_US)
        return not self.signed_to or t_us <= self._due_us + SLACK_US

    def _unsigned(self, link: Read) -> str:
        """What is wrong with a record without a signature that comes so late after the last one, "" when nothing is."""
        if link.sig or self._in_time(link.t_us):
            return ""
        late_s = (link.t_us - self._signed_us) // US_PER_S
        return (
            f"Record {link.n} comes {counted(late_s, 'second')} after the last signature and no checkpoint before it: "
            f"what follows record {self.signed_to} may have been added without the key."
        )

    def _other(self, fits: Callable[[str], bool]) -> str:
        candidates: Iterable[str] = (public for public in self._known if public != self.key)
        return next((public for public in candidates if fits(public)), "")

    def _name(self, public: str) -> str:
        return f"{key_id(public)}, {self._known[public]}"
