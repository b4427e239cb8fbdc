"""A protocol cut down to a few contractions, for trying it out where nobody is treated."""

from decimal import Decimal
from typing import Final

from emscontrol.protocol.adjust import main_phase, remade
from emscontrol.protocol.findings import Place, plain
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.parts import PhaseSpec
from emscontrol.protocol.phase_rules import starts_s

FEW: Final = 3


def few_contractions(loaded: LoadedProtocol, count: int = FEW) -> LoadedProtocol:
    """The protocol with so many contractions of each group, and the rests between them as they are.

    Every phase keeps one, so that the whole course is seen; what is left of `count` goes to the phase that does the work. The
    very same where there are no more already. Raises ProtocolFileError when the result breaks a rule of protocol files.
    """
    phases = loaded.protocol.phases
    kept = [1] * len(phases)
    kept[main_phase(loaded.protocol)] += max(0, count - len(phases))
    values: dict[Place, str] = {}
    for index, phase in enumerate(phases):
        if phase.contractions is not None and phase.contractions > kept[index]:
            values["phases", index, "contractions"] = str(kept[index])
        elif phase.duration_s is not None and _length_s(phase, kept[index]) < phase.duration_s:
            values["phases", index, "duration_s"] = plain(_length_s(phase, kept[index]))
    return remade(loaded, values, f"{count} contractions, to try it out")


def _length_s(phase: PhaseSpec, count: int) -> Decimal:
    """How long so many contractions of each group take (s), with as much of the last rest as leaves no room for another."""
    groups = list(zip(phase.groups, starts_s(phase), strict=True))
    last_s = max(start_s + (group.on_s + group.off_s) * (count - 1) + group.on_s for group, start_s in groups)
    return max(last_s, min(start_s + (group.on_s + group.off_s) * count for group, start_s in groups))
