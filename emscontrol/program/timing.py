"""When each group of each phase contracts. Pure arithmetic on µs; ramps lie inside the on-time."""

from collections.abc import Iterator

from emscontrol.program.program import Contraction, PhaseSpan
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Contract, Group, PhaseSpec


def schedule(protocol: Protocol) -> tuple[tuple[PhaseSpan, ...], tuple[Contraction, ...]]:
    """Spans of the phases and all contractions in order of their start."""
    spans: list[PhaseSpan] = []
    contractions: list[Contraction] = []
    start_us = 0
    for index, phase in enumerate(protocol.phases):
        of_phase = sorted(_contractions(phase, index, start_us), key=lambda c: (c.start_us, c.channels))
        contractions.extend(of_phase)
        end_us = _phase_end_us(phase, start_us, of_phase)
        spans.append(PhaseSpan(phase.name, start_us, end_us))
        start_us = end_us
    return tuple(spans), tuple(contractions)


def _contractions(phase: PhaseSpec, index: int, start_us: int) -> Iterator[Contraction]:
    for position, group in enumerate(phase.groups):
        cycle_us = group.on_us + group.off_us
        delay_us = _delay_us(phase, group, position)
        count = phase.contractions if phase.contractions is not None else _fitting(phase.duration_us or 0, delay_us, group)
        for number in range(count):
            at_us = start_us + delay_us + number * cycle_us
            yield Contraction(
                phase=index,
                group=position,
                number=number + 1,
                of=count,
                channels=group.channels,
                start_us=at_us,
                end_us=at_us + group.on_us,
                ramp_up_us=group.ramp_up_us,
                ramp_down_us=group.ramp_down_us,
            )


def _delay_us(phase: PhaseSpec, group: Group, position: int) -> int:
    if phase.contract is Contract.ALTERNATELY:
        return position * (group.on_us + group.off_us) // len(phase.groups)
    if phase.contract is Contract.STAGGERED:
        return position * (phase.stagger_us or 0)
    return 0


def _fitting(duration_us: int, delay_us: int, group: Group) -> int:
    """How many whole contractions fit; the last one needs no rest after it."""
    room_us = duration_us - delay_us - group.on_us
    return room_us // (group.on_us + group.off_us) + 1 if room_us >= 0 else 0


def _phase_end_us(phase: PhaseSpec, start_us: int, contractions: list[Contraction]) -> int:
    if phase.duration_us is not None:
        return start_us + phase.duration_us
    return max(c.end_us + phase.groups[c.group].off_us for c in contractions)
