"""What a screening came to: how each rule stands, why, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from emscontrol.core.errors import SafetyRefusal


class Standing(StrEnum):
    """How a rule stands. The first, second and fourth keep a session from starting."""

    BLOCK = "block"
    OVERRIDE_NEEDED = "override_needed"
    OVERRIDDEN = "overridden"
    CAUTION = "caution"
    ACKNOWLEDGED = "acknowledged"


_LIFTED: Final = frozenset({Standing.OVERRIDDEN, Standing.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that matters: how it stands, why in a sentence, and what to do. `unasked` is True where its question waits."""

    rule: str
    standing: Standing
    reason: str
    remedy: str
    unasked: bool = False

    @property
    def refuses(self) -> bool:
        """Whether it keeps a session from starting."""
        return self.standing not in _LIFTED


@dataclass(frozen=True, slots=True)
class ScreeningVerdict:
    """All that matters, in the order of the list of rules.

    `cap_percent` is by channel how much of the calculated limit is left, `expires_at` the earliest moment at which an answer
    or an examination is due or an override ends.
    """

    findings: tuple[Finding, ...]
    cap_percent: Mapping[int, int]
    expires_at: datetime | None

    @property
    def standing(self) -> tuple[Finding, ...]:
        """What keeps a session from starting; empty when it may."""
        return tuple(finding for finding in self.findings if finding.refuses)

    def raise_if_standing(self) -> None:
        """Nothing, when a session may start. Raises SafetyRefusal with every reason, what to do, and the ids of the rules."""
        standing = self.standing
        if not standing:
            return
        said = [finding for finding in standing if not finding.unasked]
        waiting = ", ".join(finding.rule for finding in standing if finding.unasked)
        what = " ".join(f"{finding.rule}: {finding.reason}" for finding in said)
        remedy = " ".join(f"{finding.rule}: {finding.remedy}" for finding in said)
        if waiting:
            what = f"{what} Not asked, or due again: {waiting}.".strip()
            remedy = f"{remedy} Ask what was not asked; until then it counts as yes.".strip()
        raise SafetyRefusal(f"The screening does not clear this session. {what}", remedy, tuple(each.rule for each in standing))

    def sentence(self) -> str:
        """The verdict in a few words for the journal: ids of rules only, nothing of a person."""
        if self.standing:
            return f"screening refuses: {', '.join(f'{each.rule} ({each.standing})' for each in self.standing)}"
        lifted = ", ".join(f"{each.rule} ({each.standing})" for each in self.findings)
        caps = ", ".join(f"channel {channel} at {percent} %" for channel, percent in sorted(self.cap_percent.items()))
        return "screening clear" + (f": {lifted}" if lifted else "") + (f"; {caps} of its limit" if caps else "")
