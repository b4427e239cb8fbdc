"""Plans and their steps as facts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.cli.clinic.found import codes_of
from emscontrol.clinic.plans.steps import changes_of
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Plan, PlanChannel, PlanStep, ProtocolText


def plan_facts(session: Session, rows: Sequence[Plan]) -> list[dict[str, Any]]:
    """Each with its patient's code and its protocol's id."""
    codes = codes_of(session, (row.patient_id for row in rows))
    wanted = {row.protocol_sha256 for row in rows}
    columns = (ProtocolText.sha256, ProtocolText.protocol, ProtocolText.revision, ProtocolText.title)
    texts = {row.sha256: row for row in session.execute(select(*columns).where(ProtocolText.sha256.in_(wanted)))}
    return [
        {
            "plan": row.id,
            "patient": codes[row.patient_id],
            "protocol": texts[row.protocol_sha256].protocol,
            "revision": texts[row.protocol_sha256].revision,
            "title": texts[row.protocol_sha256].title,
            "sha256": row.protocol_sha256,
            "status": row.status,
            "goal": row.goal,
            "sessions_per_week": row.sessions_per_week,
            "weeks": row.weeks,
            "rest_min_h": row.rest_min_h,
            "starts_on": row.starts_on,
            "slot_min": row.slot_min,
            "therapist": row.therapist,
            "stimulator": row.stimulator,
            "progression": row.progression,
            "prescribed_by": row.prescribed_by,
            "version": row.version,
        }
        for row in rows
    ]


def code_of(session: Session, row: Plan) -> str:
    """Whose plan it is."""
    return session.get_one(Patient, row.patient_id).code


def channel_facts(rows: Sequence[PlanChannel]) -> list[dict[str, Any]]:
    """Where each channel is."""
    return [{"channel": row.channel, "muscle": row.muscle, "side": row.side, "area_cm2": row.area_mm2 / 100} for row in rows]


def step_facts(row: PlanStep) -> dict[str, Any]:
    """One step with what it rests on."""
    return {
        "proposal": row.id,
        "plan": row.plan_id,
        "number": row.number,
        "rule": row.rule,
        "do": row.changes.get("do"),
        "changes": changes_of(row).to_json(),
        "words": step_words(row),
        "reason": row.reason,
        "facts": row.facts,
        "proposed_at": row.proposed_at,
        "decision": row.decision,
        "decided_at": row.decided_at,
        "decided_by": row.decided_by,
        "decided_why": row.decided_why,
        "version": row.version,
    }


def step_words(row: PlanStep) -> str:
    """What it does, for people: the changes, or the word for something that no protocol holds."""
    changes = changes_of(row)
    return changes.words() if changes else str(row.changes.get("do"))
