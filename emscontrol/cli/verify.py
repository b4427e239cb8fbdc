"""`emscontrol verify`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emscontrol.cli.refusal import refusal_as_json

if TYPE_CHECKING:
    from emscontrol.record.report import VerifyReport

SHOWN_MAX = 10  # beyond that a file is no journal any more, or not ours


@click.command()
@click.argument("journal", type=click.Path(path_type=Path, readable=False))
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_context
def verify(ctx: click.Context, journal: Path, as_json: bool) -> None:
    """Is this JOURNAL as it was written, who signed it, do its totals agree with its lines? Names every line that is not."""
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.verify import verify as verify_journal

    with refusal_as_json(as_json, lambda reasons, code: _unread(journal, reasons, code)):
        report = verify_journal(journal, known_keys(key_folder(ctx.obj)).names())
    if as_json:
        click.echo(json.dumps({"journal": str(journal), "exit_code": int(report.exit_code)} | verify_facts(report)))
    else:
        click.echo(" ".join(filter(None, (report.sentence(), report.signature_sentence(), report.totals_sentence()))))
        for problem in report.problems[:SHOWN_MAX]:
            click.echo(f"line {problem.line}: {problem.kind}: {problem.sentence}")
        more = max(0, len(report.problems) - SHOWN_MAX) + report.more
        if more:
            click.echo(f"… and {more} more; --json lists them")
        click.echo(report.limit, err=True)
    ctx.exit(int(report.exit_code))


def verify_facts(report: "VerifyReport") -> dict[str, Any]:
    """Everything that verify knows, each figure of the totals with how it is known."""
    from emscontrol.record.knowledge import MEASURED, TOTALS
    from emscontrol.record.signing import key_id

    return asdict(report) | {
        "signed": bool(report.key),
        "key_id": key_id(report.key) if report.key else "",
        "knowledge": {"totals": {name: str(how) for name, how in TOTALS.items()}, "measured": str(MEASURED)},
        "sentences": [report.sentence(), report.signature_sentence(), report.totals_sentence(), report.limit],
    }


def _unread(journal: Path, reasons: Sequence[str], exit_code: int) -> dict[str, Any]:
    """A journal that could not be read, in the shape of one that was; line 0 is the file as a whole."""
    problems = [(0, "unreadable", reason) for reason in reasons]
    return {"journal": str(journal), "exit_code": exit_code, "ok": False, "problems": problems}
