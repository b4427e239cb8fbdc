"""The first session of a plan: half the contractions, at most ten, or ten minutes (rule P1 of the clinical protocols)."""

from decimal import Decimal
from typing import Final

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.adjust import remade
from emscontrol.protocol.findings import Place, plain
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.phase_rules import starts_s

CONTRACTIONS_MAX: Final = 10
TIME_MAX_S: Final = 600
_WORDS: Final = "first session, at most half"


def limit_contractions(loaded: LoadedProtocol) -> LoadedProtocol:
    """The protocol as it is given for the first time: half of it, at most 10 contractions or 10 minutes.

    Every phase is shortened in proportion, and keeps one contraction at least. Warm-up and cool-down are contractions too,
    and it is the whole session that must not make a muscle sore that has never had one; cutting the main phase alone would
    leave the first session all warm-up. Phases that are counted share the 10 contractions, phases with a duration share the
    10 minutes. Raises ProtocolFileError for a protocol that cannot be given so gently.
    """
    words = f"{_WORDS}, {CONTRACTIONS_MAX} contractions or {TIME_MAX_S // 60} minutes"
    return remade(loaded, _counted(loaded) | _timed(loaded), words)


def _counted(loaded: LoadedProtocol) -> dict[Place, str]:
    counts = {i: phase.contractions for i, phase in enumerate(loaded.protocol.phases) if phase.contractions is not None}
    total = sum(counts.values())
    if len(counts) > CONTRACTIONS_MAX:
        raise _too_much(loaded, f"it has {len(counts)} phases with a contraction each")
    allowed = max(len(counts), min(CONTRACTIONS_MAX, total // 2))
    shares = {index: max(1, count * allowed // total) for index, count in counts.items()}
    while sum(shares.values()) > allowed:
        shares[max(shares, key=lambda index: shares[index])] -= 1
    while sum(shares.values()) < allowed:
        shares[max(shares, key=lambda index: counts[index] * allowed - shares[index] * total)] += 1
    return {("phases", index, "contractions"): str(share) for index, share in shares.items() if share != counts[index]}


def _timed(loaded: LoadedProtocol) -> dict[Place, str]:
    phases = {i: phase for i, phase in enumerate(loaded.protocol.phases) if phase.duration_s is not None}
    total_s = sum((Decimal(phase.duration_s or 0) for phase in phases.values()), Decimal())
    allowed_s = min(Decimal(TIME_MAX_S), total_s / 2)
    values: dict[Place, str] = {}
    given_s = Decimal()
    for index, phase in phases.items():
        least_s = max(start_s + group.on_s for group, start_s in zip(phase.groups, starts_s(phase), strict=True))
        whole_s = Decimal(phase.duration_s or 0)
        short_s = min(whole_s, max(least_s, Decimal(int(whole_s * allowed_s / total_s))))
        given_s += short_s
        if short_s != whole_s:
            values["phases", index, "duration_s"] = plain(short_s)
    if given_s > TIME_MAX_S:
        raise _too_much(loaded, f"one contraction in each of its phases takes {plain(given_s)} s")
    return values


def _too_much(loaded: LoadedProtocol, why: str) -> ProtocolFileError:
    return ProtocolFileError(
        f"{loaded.protocol.id} cannot be given for a first time: {why}.",
        remedy=f"A first session has at most {CONTRACTIONS_MAX} contractions or {TIME_MAX_S // 60} minutes: "
        "choose a gentler protocol.",
    )
