"""Answers, findings and overrides as facts."""

from collections.abc import Iterable, Mapping
from typing import Any

from emscontrol.clinic.tables.findings import ScreeningAnswer, ScreeningOverride
from emscontrol.safety.screening import Finding


def answer_facts(row: ScreeningAnswer) -> dict[str, Any]:
    """One answer."""
    return {
        "rule": row.rule,
        "answer": row.answer,
        "places": row.places,
        "where": ", ".join(map(place_words, row.places)),
        "note": row.note,
        "asked_at": row.asked_at,
        "asked_by": row.asked_by,
        "due_at": row.due_at,
    }


def place_words(place: Mapping[str, str]) -> str:
    """A place as it is typed, as thigh:left."""
    return ":".join(filter(None, (place.get("region") or place.get("muscle"), place.get("side"))))


def override_facts(row: ScreeningOverride) -> dict[str, Any]:
    """One override."""
    return {
        "override": row.id,
        "rule": row.rule,
        "staff": row.staff,
        "reason": row.reason,
        "given_at": row.given_at,
        "expires_at": row.expires_at,
    }


def looked_at(patient: str) -> str:
    """What lifts a mark or a burn of the skin."""
    return f"A specialist looks at the skin and enters that it is well: emscontrol outcome add {patient} skin 0"


def finding_facts(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """How each rule that matters stands, and why."""
    return [
        {
            "rule": each.rule,
            "standing": each.standing.value,
            "refuses": each.refuses,
            "unasked": each.unasked,
            "reason": each.reason,
            "remedy": each.remedy,
        }
        for each in findings
    ]
