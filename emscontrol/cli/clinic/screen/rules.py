"""`emscontrol screen rules`."""

from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.printing import Paper
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.screening.plain import in_plain_words, tell
from emscontrol.core.errors import UsageError
from emscontrol.core.nearest import nearest_word

_DOES: Final = {
    "block": "no session",
    "override": "no session unless a specialist overrides it",
    "caution": "it is read and acknowledged first",
}


@book_command
@click.argument("rule", required=False)
def rules(desk: Desk, rule: str | None) -> None:
    """The questions of the screening; with RULE everything about one. Needs neither a book nor a login."""
    shipped = shipped_rules()
    paper = Paper(desk.as_json, ZoneInfo("UTC"))
    if rule is None:
        rows = [one.as_plain() for one in shipped.rules]
        if desk.as_json:
            paper.facts({"version": shipped.version, "sha256": shipped.sha256, "rules": rows})
        else:
            paper.rows("rules", rows, {"id": "RULE", "severity": "SEVERITY", "question": "QUESTION"}, "")
        return
    found = shipped.rule(rule.upper())
    if found is None:
        near = nearest_word(rule, [one.id.lower() for one in shipped.rules])
        raise UsageError(
            f"There is no rule {rule!r}.", f"The nearest is {near.upper()}." if near else "List them: emscontrol screen rules."
        )
    plain = found.as_plain()
    sources = [f"{key}: {shipped.sources[key]}" for key in found.sources]
    paper.lines(_told(plain, sources), plain | {"sources": sources})


def _told(plain: dict[str, Any], sources: list[str]) -> list[str]:
    elsewhere = f"; elsewhere {_DOES[plain['elsewhere']]}" if plain["elsewhere"] else ""
    unknown = _DOES[plain["unknown"]] if plain["unknown"] else "the same as for yes"
    return [
        f"{plain['id']}: {plain['question']}",
        f"  yes, with pads on {', '.join(plain['regions'])}: {_DOES[plain['severity']]}{elsewhere}",
        f"  unknown: {unknown}; protocols of type {', '.join(plain['types'])}",
        f"  asked again after {_span(plain['asked_h'])}; {_override(plain)}",
        f"  {tell(plain['id'])}",
        *(f"  [{source}]" for source in sources),
    ]


def _override(plain: dict[str, Any]) -> str:
    if not plain["override"] and "override" not in (plain["severity"], plain["elsewhere"]):
        return "nobody can override it"
    condition = f", on this condition: {in_plain_words(plain['override'])}" if plain["override"] else ""
    only = f", while all pads are on {', '.join(plain['override_regions'])}" if plain["override_regions"] else ""
    return f"a specialist can override it for {plain['days']} days at most{condition}{only}"


def _span(hours: int) -> str:
    return f"{hours // 24} days" if hours % 24 == 0 else f"{hours} hours"
