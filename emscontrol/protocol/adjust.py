"""A protocol as it is for one patient today: changed by what a person accepted, on the sides that were prescribed, and gently
the first time.

The text is changed and read again by the ordinary loader, so every rule of protocol files holds of the result, which has a
SHA-256 of its own and says in its first line which text it was made from. Nothing here knows a current; an intensity is a
fraction of what the patient tolerates and never more than 1 of it.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.changes import CHANGES, Changes
from emscontrol.protocol.findings import Place, plain
from emscontrol.protocol.load import LoadedProtocol, load_text
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group, PhaseSpec, Reference, Side
from emscontrol.protocol.rewrite import rewritten

SIDES: Final = (Side.LEFT.value, Side.RIGHT.value)
_FIGURES: Final = {"on_ms": "on_s", "off_ms": "off_s", "rate_mhz": "rate_hz", "width_us": "pulse_width_us"}
"""Which key of a group a change adds to."""


def adjust(loaded: LoadedProtocol, changes: Changes) -> LoadedProtocol:
    """The protocol with these changes; the very same where there are none.

    Raises ProtocolFileError with a sentence when the result breaks a rule of protocol files, or when a change finds nothing
    to act on.
    """
    values: dict[Place, str] = {}
    for name, difference in changes.to_json().items():
        found = dict(_changed(loaded.protocol, name, Decimal(difference) / CHANGES[name].per_unit))
        if not found:
            raise ProtocolFileError(
                f"{loaded.protocol.id} has nothing where {CHANGES[name].words} could change.",
                remedy=f"It acts on: {CHANGES[name].where}.",
            )
        values |= found
    return remade(loaded, values, changes.words())


def for_sides(loaded: LoadedProtocol, sides: Mapping[int, str]) -> LoadedProtocol:
    """The protocol with every channel on the side that was prescribed; the very same where the file says so already.

    Raises ProtocolFileError for a channel that is not there, has no side yet, or is written for the other side.
    """
    values: dict[Place, str] = {}
    channels = loaded.protocol.channels
    if set(sides) != set(channels):
        raise ProtocolFileError(
            f"{loaded.protocol.id} has the channels {_listed(channels)}, and sides were given for {_listed(sides) or 'none'}.",
            remedy="Name a side for each channel of the protocol.",
        )
    for number, side in sides.items():
        written = channels[number].side.value
        if side not in SIDES:
            raise ProtocolFileError(f"Channel {number} is to be on a side, not on {side!r}.", remedy="Say left or right.")
        if written == Side.EITHER:
            values["channels", number, "side"] = side
        elif written != side:
            raise ProtocolFileError(
                f"{loaded.protocol.id} is written for the {written} side on channel {number}, not the {side}.",
                remedy="Choose a protocol that is written for either side.",
            )
    return remade(loaded, values, f"sides {', '.join(f'{number} {sides[number]}' for number in sorted(sides))}")


def remade(loaded: LoadedProtocol, values: Mapping[Place, str], words: str) -> LoadedProtocol:
    """Put values into the text, with a line that tells, and read it as any other file. Raises ProtocolFileError."""
    if not values:
        return loaded
    head = f"# adjusted by emscontrol from {loaded.sha256}: {words}\n"
    try:
        return load_text(head + rewritten(loaded.text, values), f"{loaded.protocol.id}, adjusted")
    except ProtocolFileError as refused:
        raise ProtocolFileError(
            f"{loaded.protocol.id} cannot be adjusted like this ({words}): {refused.problems[0]}.",
            refused.problems,
            "Choose a smaller change, or another protocol.",
        ) from refused


def main_phase(protocol: Protocol) -> int:
    """The index of the phase that does the work: of the strongest ones, the one with most contractions or the longest."""
    strongest = _strongest(protocol)
    return max(strongest, key=lambda index: (*_size(protocol.phases[index]), -index))


def _changed(protocol: Protocol, name: str, by: Decimal) -> Iterator[tuple[Place, str]]:
    """Each figure that a change acts on, as it becomes."""
    main = main_phase(protocol)
    phase = protocol.phases[main]
    if name == "contractions" and phase.contractions is not None:
        yield ("phases", main, "contractions"), plain(phase.contractions + by)
    elif name == "work_s" and phase.duration_s is not None:
        yield ("phases", main, "duration_s"), plain(phase.duration_s + by)
    elif name == "fraction_milli":
        for place, group in _groups(protocol, _strongest(protocol)):
            if group.intensity.of is Reference.COMFORT:
                yield (*place, "intensity", "fraction"), plain(group.intensity.fraction + by)
    elif name in _FIGURES:
        everywhere = range(len(protocol.phases))
        key = _FIGURES[name]
        for place, group in _groups(protocol, _of_cycle(protocol, main) if name in ("on_ms", "off_ms") else everywhere):
            yield (*place, key), plain(getattr(group, key) + by)


def _strongest(protocol: Protocol) -> list[int]:
    """The phases that reach the highest fraction of the protocol: all but warm-up and cool-down."""
    reached = [max(group.intensity.fraction for group in phase.groups) for phase in protocol.phases]
    return [index for index, fraction in enumerate(reached) if fraction == max(reached)]


def _of_cycle(protocol: Protocol, main: int) -> list[int]:
    """The strongest phases with the main one's times; one that ends in a long rest is left as it is."""
    return [index for index in _strongest(protocol) if _cycles(protocol.phases[index]) == _cycles(protocol.phases[main])]


def _cycles(phase: PhaseSpec) -> list[tuple[int, int]]:
    return [(group.on_us, group.off_us) for group in phase.groups]


def _size(phase: PhaseSpec) -> tuple[int, int]:
    return phase.contractions or 0, phase.duration_us or 0


def _groups(protocol: Protocol, phases: "list[int] | range") -> Iterator[tuple[Place, Group]]:
    for index in phases:
        for position, group in enumerate(protocol.phases[index].groups):
            yield ("phases", index, "groups", position), group


def _listed(channels: Mapping[int, object]) -> str:
    return ", ".join(map(str, sorted(channels)))
