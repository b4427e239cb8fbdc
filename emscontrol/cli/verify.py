"""`emscontrol verify`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emscontrol.cli.refusal import refusal_as_json
from emscontrol.core.units import UA_PER_MA, counted

if TYPE_CHECKING:
    from emscontrol.record.report import VerifyReport

SHOWN_MAX = 10  # beyond that a file is no journal any more, or not ours


@click.command()
@click.argument("journal", type=click.Path(path_type=Path, readable=False))
@click.option("--dose", is_flag=True, help="Print each channel's dose against every limit too, and what was refused.")
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON, the dose among them.")
@click.pass_context
def verify(ctx: click.Context, journal: Path, dose: bool, as_json: bool) -> None:
    """Is this JOURNAL as it was written, who signed it, do its totals agree with its lines? Names every line that is not."""
    from emscontrol.cli.garbage import look_seldom
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.reports.session_counts import as_it_stands
    from emscontrol.record.sink import is_being_written
    from emscontrol.record.verify import verify as verify_journal

    look_seldom()
    running = is_being_written(journal)  # asked first: one that ends meanwhile is told with its end
    with refusal_as_json(as_json, lambda reasons, code: _unread(journal, reasons, code)):
        ring = known_keys(key_folder(ctx.obj))
        report = as_it_stands(journal, verify_journal(journal, ring.names(), distrusted=ring.mistrusted()))
    if as_json:
        click.echo(json.dumps({"journal": str(journal), "exit_code": int(report.exit_code)} | verify_facts(report)))
    else:
        click.echo(" ".join(filter(None, (report.sentence(), report.signature_sentence(), report.totals_sentence()))))
        if report.mistrust:
            click.echo(report.mistrust)
        for problem in report.problems[:SHOWN_MAX]:
            click.echo(f"line {problem.line}: {problem.kind}: {problem.sentence}")
        more = max(0, len(report.problems) - SHOWN_MAX) + report.more
        if more:
            click.echo(f"… and {more} more; --json lists them")
        if dose:
            _print_dose(report)
        if running and not report.ended:
            click.echo("It is being written now: its session is running.", err=True)
        click.echo(report.limit, err=True)
    ctx.exit(int(report.exit_code))


def _print_dose(report: "VerifyReport") -> None:
    """Each channel at its strongest, then what was refused, held back, warned of or changed by hand."""
    if not report.ok:
        click.echo(f"Of the records up to {report.last_good} only; what was given after them is not known.")
    elif not report.dose:
        click.echo("No channel was given current, as far as the record says.")
    for channel in report.dose:
        allowed = "" if channel.allowed_ua is None else f", {channel.allowed_ua / UA_PER_MA:g} mA would have been allowed"
        click.echo(f"channel {channel.channel}, at its strongest{allowed}:")
        for text in (*(figure.words() for figure in channel.figures), *channel.unknown):
            click.echo(f"  {text}")
    for row in report.refusals:
        click.echo(f"{row.effect} by {row.by}, {counted(row.count, 'time')}, first in record {row.first}: {row.reason}")
    if report.refusals_more:
        click.echo(f"… and {report.refusals_more} more")


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
