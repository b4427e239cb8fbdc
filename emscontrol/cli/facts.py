"""Facts of a compiled protocol as plain JSON values: what check and preview print, and what other programs read."""

from typing import Any

from emscontrol.core.pulse import Train
from emscontrol.core.units import US_PER_S
from emscontrol.program.judge import Ceiling
from emscontrol.program.predict import totals
from emscontrol.program.program import Program
from emscontrol.safety.verdict import Judgement, Verdict
from emscontrol.wiring.examine import Examination

SCHEMA = 1


def verdict_facts(channel: int, verdict: Verdict) -> dict[str, Any]:
    """One verdict; channel 0 is the session."""
    return {
        "channel": channel,
        "rule": verdict.rule,
        "band": verdict.band.value,
        "quantity": verdict.quantity,
        "value": verdict.value,
        "limit": verdict.limit,
        "unit": verdict.unit,
        "margin_percent": verdict.margin_percent,
        "source": verdict.source,
        "certainty": verdict.mark,
        "sentence": verdict.sentence(),
    }


def train_facts(train: Train) -> dict[str, Any]:
    """A train as the device will make it."""
    return {
        "waveform": train.waveform.shape.value,
        "pulse_width_us": train.waveform.width_us,
        "interphase_gap_us": train.waveform.gap_us,
        "period_us": train.period_us,
        "rate_hz": round(US_PER_S / train.period_us, 3),
        "burst_pulses": train.burst_pulses,
    }


def ceiling_facts(ceiling: Ceiling) -> dict[str, Any]:
    """What a channel is planned to get and may get, and which limit binds."""
    return {
        "channel": ceiling.channel,
        "train": train_facts(ceiling.train),
        "planned_ma": ceiling.planned_ua / 1000,
        "allowed_ma": ceiling.allowed_ua / 1000,
        "binding": verdict_facts(ceiling.channel, ceiling.binding),
    }


def judgement_facts(judgements: tuple[Judgement, ...]) -> list[dict[str, Any]]:
    """Every verdict of every judgement."""
    return [verdict_facts(j.channel, v) for j in judgements for v in j.verdicts]


def preview_facts(examination: Examination) -> dict[str, Any]:
    """Everything preview knows: timeline, totals, pulses in order, dose against every limit."""
    program = examination.program
    return {
        "schema": SCHEMA,
        "protocol": program.protocol_id,
        "title": program.title,
        "sha256": program.sha256,
        "device": program.capabilities.model,
        "comfort_assumed": examination.assumed,
        "comfort_ma": {str(c): ua / 1000 for c, ua in examination.comfort_ua.items()},
        "motor_ma": {str(c): ua / 1000 for c, ua in examination.motor_ua.items()},
        "duration_s": program.end_us / US_PER_S,
        **timeline_facts(program),
        "channels": channel_facts(program),
        "ceilings": [ceiling_facts(c) for c in examination.judgement.ceilings],
        "verdicts": judgement_facts(examination.judgement.judgements),
        "refused": bool(examination.judgement.refused),
    }


def timeline_facts(program: Program) -> dict[str, Any]:
    """Phases and contractions, with their times."""
    return {
        "phases": [
            {"name": phase.name, "start_s": phase.start_us / US_PER_S, "end_s": phase.end_us / US_PER_S}
            for phase in program.phases
        ],
        "contractions": [
            {
                "phase": c.phase + 1,
                "number": c.number,
                "of": c.of,
                "channels": list(c.channels),
                "start_s": c.start_us / US_PER_S,
                "end_s": c.end_us / US_PER_S,
            }
            for c in program.contractions
        ],
    }


def channel_facts(program: Program) -> dict[str, Any]:
    """What each channel will get in all, and its pulses in order."""
    return {
        str(channel): {
            "label": program.plan_of(channel).label,
            "pulses": total.pulses,
            "contractions": total.contractions,
            "peak_ma": total.peak_ua / 1000,
            "charge_mc": total.charge_pc / 1e9,
            "on_s": total.on_us / US_PER_S,
            "runs": [[run.amplitude_ua, run.width_us, run.pulses] for run in total.runs],
        }
        for channel, total in totals(program).items()
    }
