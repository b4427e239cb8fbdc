"""The rule book on a whole program: every different output, every ramp, the length of the session."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import Output, Train
from emscontrol.program.program import Contraction, Program
from emscontrol.safety.envelope import ChannelEnvelope
from emscontrol.safety.rules import judge, judge_ramp, judge_session, max_amplitude_ua
from emscontrol.safety.verdict import Judgement, Verdict


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most one channel may get with one train, and the verdict whose limit is met first."""

    channel: int
    train: Train
    planned_ua: int
    allowed_ua: int
    binding: Verdict


@dataclass(frozen=True, slots=True)
class ProgramJudgement:
    """What the rules say of a program. `plateaus` are its strongest outputs, `envelopes` the limits they were judged by."""

    judgements: tuple[Judgement, ...]
    plateaus: tuple[Output, ...]
    envelopes: Mapping[int, ChannelEnvelope]

    @property
    def ceilings(self) -> tuple[Ceiling, ...]:
        """How far each channel could go. Looked for when asked: it takes as long as judging the program ten times."""
        return tuple(_ceiling(output, self.envelopes[output.channel]) for output in self.plateaus)

    @property
    def refused(self) -> tuple[tuple[int, Verdict], ...]:
        """(channel, verdict) of all that is refused; channel 0 is the session."""
        return _unique((j.channel, v) for j in self.judgements for v in j.refused)

    @property
    def warned(self) -> tuple[tuple[int, Verdict], ...]:
        """(channel, verdict) of all that is allowed with a warning."""
        return _unique((j.channel, v) for j in self.judgements for v in j.warned)

    def raise_if_refused(self) -> None:
        """Raises SafetyRefusal with every refusing verdict in words."""
        refused = self.refused
        if refused:
            text = " ".join(f"{'The session' if not c else f'Channel {c}'}: {v.sentence()}" for c, v in refused)
            raise SafetyRefusal(text, rules=tuple(dict.fromkeys(v.rule for _, v in refused)))


def judge_program(program: Program, envelopes: Mapping[int, ChannelEnvelope]) -> ProgramJudgement:
    """Judge it. `envelopes` must have every channel of the program."""
    plateaus = plateaus_of(program)
    judgements = [judge(output, envelopes[output.channel]) for output in plateaus]
    judgements += [judge_ramp(c.channels[0], c.ramp_up_us) for c in _different_ramps(program)]
    judgements.append(judge_session(program.end_us))
    return ProgramJudgement(tuple(judgements), tuple(plateaus), envelopes)


def _ceiling(output: Output, envelope: ChannelEnvelope) -> Ceiling:
    allowed_ua, binding = max_amplitude_ua(output.train, envelope)
    return Ceiling(output.channel, output.train, output.amplitude_ua, allowed_ua, binding)


def plateaus_of(program: Program) -> list[Output]:
    """The strongest output of each channel with each of its trains."""
    strongest: dict[tuple[int, int], Output] = {}  # few train objects stand for many steps, and comparing trains takes time
    for step in program.steps:
        for output in step.outputs.channels:
            known = strongest.get((output.channel, id(output.train)))
            if known is None or known.amplitude_ua < output.amplitude_ua:
                strongest[output.channel, id(output.train)] = output
    highest: dict[tuple[int, Train], Output] = {}
    for output in strongest.values():
        key = (output.channel, output.train)
        if key not in highest or highest[key].amplitude_ua < output.amplitude_ua:
            highest[key] = output
    return [highest[key] for key in sorted(highest, key=lambda key: (key[0], -highest[key].amplitude_ua))]


def _different_ramps(program: Program) -> list[Contraction]:
    return list({(c.channels, c.ramp_up_us): c for c in program.contractions}.values())


def _unique(found: Iterable[tuple[int, Verdict]]) -> tuple[tuple[int, Verdict], ...]:
    return tuple(dict.fromkeys(found))
