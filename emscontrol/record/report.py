"""What `verify` found, as one value, and in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from emscontrol.core.errors import ExitCode
from emscontrol.record.chain import Chain, Problem
from emscontrol.record.delivered import Delivered
from emscontrol.record.distrust import Distrust, Doubt, Mistrust
from emscontrol.record.dose import ChannelDose, doses
from emscontrol.record.line import FIRST_PREV
from emscontrol.record.proof import Proof
from emscontrol.record.refusals import Refusal
from emscontrol.record.signing import key_id

LIMIT_OF_A_CHAIN: Final = (
    "A hash chain alone cannot show that someone recomputed it from a changed line to the end; "
    "compare the last hash with a copy kept elsewhere."
)
LIMIT_OF_A_SIGNATURE: Final = (
    "Whoever has the station's key can sign another record in its place, and an end that was cut off looks like a crash; "
    "compare the last hash with a copy kept elsewhere."
)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found.

    `lines` are whole lines seen, `last_good` the number of the last record up to which the journal stands, `last_hash` its
    hash. `ended` says that the closing line is there and last, `torn_tail` that the file stops inside a line. A journal that is
    `ok` and not `ended` is the record of a crash. `more` counts problems beyond those listed.

    `key` is the public key that it is signed with, hex, "" when it is chained and not signed; `signer` is the name of the
    station with that key, "" when it is not among the known ones; `signed_to` is the last record with a signature that fits.
    `distrusted` says since when and why its key is no longer trusted, and what that means; "" while it is. `doubted` says the
    same of a key that follows such a one.
    `totals` is by channel; `totals_told` says that it is the record's own and not counted here, `totals_checked` that it was
    held against the lines, `totals_unheld` why it could not be, or why there are none. `measured` is what the device reported.
    `dose` is what each channel was given at its strongest against every limit, `refusals` what was refused, held back, warned
    of or changed by hand, in groups; `refusals_more` events are in none of them.
    """

    ok: bool
    lines: int
    last_good: int
    last_hash: str
    problems: tuple[Problem, ...]
    more: int
    ended: bool
    torn_tail: bool
    in_reserve: bool
    key: str = ""
    signer: str = ""
    signed_to: int = 0
    totals: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    totals_told: bool = False
    totals_checked: bool = False
    totals_unheld: str = ""
    measured: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    distrusted: str = ""
    doubted: str = ""
    dose: tuple[ChannelDose, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    refusals_more: int = 0

    @property
    def mistrust(self) -> str:
        """Why its key is not trusted, for itself or for the one before it; "" while it is."""
        return self.distrusted or self.doubted

    @property
    def exit_code(self) -> ExitCode:
        """0 for an intact journal, closed or interrupted; 3 for any other."""
        return ExitCode.FINE if self.ok else ExitCode.JOURNAL

    def sentence(self) -> str:
        """The finding in plain words."""
        if not self.ok:
            count = len(self.problems) + self.more
            return f"Not intact: {count} problem{'s' if count > 1 else ''}; everything fits up to record {self.last_good}."
        kept = " The last records are in the reserve beside it." if self.in_reserve else ""
        if self.ended:
            return f"Intact and closed: {self.lines} records.{kept}"
        torn = " It stops in the middle of a line, which is left out." if self.torn_tail else ""
        what = f"Intact but not closed: {self.last_good} records, no closing line."
        return f"{what} The session was interrupted, or the end was cut off.{torn}{kept}"

    def signature_sentence(self) -> str:
        """By whom it is signed, and how far."""
        if not self.key and not self.last_good:
            return "Who signed it is not known: not even its first record stands."
        if not self.key:
            return "Chained, not signed."
        who = f"{key_id(self.key)} of {self.signer}" if self.signer else f"{key_id(self.key)}, which is not known here"
        if not self.signed_to:
            return f"It names key {who}, and has no signature that stands."
        more = self.last_good > self.signed_to
        rest = f"; what follows, up to record {self.last_good}, is chained, not signed" if more else ""
        return f"Signed up to record {self.signed_to} with key {who}{rest}."

    def totals_sentence(self) -> str:
        """Whether the totals are what the lines add up to, or why that cannot be said; "" where there are none."""
        if any(problem.kind == "totals" for problem in self.problems):
            return "The totals do not agree with the lines."
        if self.totals_unheld and not self.totals_told:
            return f"There are no totals: the lines cannot be added up, because {self.totals_unheld}."
        if self.totals_unheld:
            return f"The totals could not be held against the lines, because {self.totals_unheld}."
        return "The totals agree with the lines." if self.totals_checked else ""

    @property
    def limit(self) -> str:
        """What a check like this cannot show."""
        return LIMIT_OF_A_SIGNATURE if self.key else LIMIT_OF_A_CHAIN


def report_of(
    chain: Chain,
    proof: Proof,
    delivered: Delivered,
    known: Mapping[str, str],
    torn: bool,
    in_reserve: bool,
    mistrusted: Mapping[str, Mistrust],
) -> VerifyReport:
    """Put together what the parts found."""
    why = mistrusted.get(proof.key)
    broken, more = chain.finish(torn)
    problems = tuple(sorted((*broken, *proof.problems, *delivered.problems)))
    last_good, last_hash = chain.last_good, chain.last_good_hash or FIRST_PREV
    if proof.problems or proof.signed_to > last_good:  # a signature that fits says which of two was changed
        last_good, last_hash = proof.signed_to, proof.signed_hash or FIRST_PREV
    return VerifyReport(
        ok=not problems,
        lines=chain.lines,
        last_good=last_good,
        last_hash=last_hash,
        problems=problems,
        more=more + proof.more,
        ended=chain.ended,
        torn_tail=torn,
        in_reserve=in_reserve,
        key=proof.key,
        signer=known.get(proof.key, ""),
        signed_to=proof.signed_to,
        distrusted=why.meaning() if isinstance(why, Distrust) else "",
        doubted=why.meaning() if isinstance(why, Doubt) else "",
        totals=delivered.channels,
        totals_told=delivered.told,
        totals_checked=delivered.checked,
        totals_unheld=delivered.unheld,
        measured={
            channel: {"pulses": found.pulses, "peak_ua": found.peak_ua}
            for channel, found in sorted(delivered.reckoner.measured.items())
        },
        dose=doses(delivered.reckoner),
        refusals=delivered.refusals.rows(),
        refusals_more=delivered.refusals.more,
    )
