"""`emscontrol campaign`."""

import json
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emscontrol.core.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emscontrol.trials.outcome import Outcome
    from emscontrol.trials.summary import Summary

SEEDS = re.compile(r"(\d{1,12})(?:\.\.(\d{1,12}))?")


@click.command()
@click.option("--seeds", default="1..100", show_default=True, metavar="A..B", help="The trials: one for each number.")
@click.option("--jobs", type=click.IntRange(1, 256), default=None, help="Processes; by default one for each core.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="Only this model; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.option("--dask", "address", default=None, metavar="ADDRESS", help="Run on the Dask cluster with this scheduler.")
@click.option("--planted", is_flag=True, help="The campaign's own test: plant deliberate bugs, one by one, and find each.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder for protocol, journal, oscilloscope and story of each session with a violation (of one seed: always).",
)
@click.pass_context
def campaign(
    ctx: click.Context,
    seeds: str,
    jobs: int | None,
    models: tuple[str, ...],
    as_json: bool,
    address: str | None,
    planted: bool,
    keep: Path | None,
) -> None:
    """Random sessions in virtual time, with everything that can go wrong. Nobody is stimulated; no port is opened."""
    if planted:
        ctx.exit(_hunt(jobs or os.cpu_count() or 1, as_json))
    first, last = _seeds(seeds)
    _known(models)
    summary = _run(first, last, jobs or os.cpu_count() or 1, models, address, quiet=as_json)
    if as_json:
        click.echo(json.dumps(summary.as_json(), indent=1))
    else:
        _tell(summary, models)
    _keep(summary, models, first if first == last else None, keep)
    ctx.exit(ExitCode.REFUSED if summary.failed else ExitCode.FINE)


def _seeds(text: str) -> tuple[int, int]:
    found = SEEDS.fullmatch(text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if last < first:
        raise UsageError(f"--seeds {text} is no range of numbers.", "For example 1..1000, or 4711.")
    return first, last


def _known(models: tuple[str, ...]) -> None:
    from emscontrol.trials.draw import models as possible

    for model in models:
        if model not in possible():
            raise UsageError(f"No simulated stimulator is called {model!r}.", f"There are {', '.join(possible())}.")


def _run(first: int, last: int, jobs: int, models: tuple[str, ...], address: str | None, quiet: bool) -> "Summary":
    from emscontrol.trials.summary import Summary

    summary = Summary()
    outcomes = _outcomes(first, last, jobs, models, address)
    total = last - first + 1
    with click.progressbar(length=total, label="sessions", show_pos=True, hidden=quiet, file=sys.stderr) as bar:
        for outcome in outcomes:
            summary.add(outcome)
            bar.update(1)
    return summary


def _outcomes(first: int, last: int, jobs: int, models: tuple[str, ...], address: str | None) -> "Iterator[Outcome]":
    if address is not None:
        from emscontrol.trials.cluster import run_on_cluster

        return run_on_cluster(first, last, address, models)
    from emscontrol.trials.campaign import run_campaign

    return run_campaign(first, last, min(jobs, max(1, (last - first + 1) // 10)), models)


def _hunt(jobs: int, as_json: bool) -> ExitCode:
    """Every deliberate bug: which seed shows it first, and to which check."""
    from emscontrol.trials.planted.hunt import hunt_all

    found = []
    for caught in hunt_all(jobs):
        found.append(caught)
        if not as_json:
            where = f"seed {caught.seed:>5}, trial {caught.tried:>4}  {caught.check}" if caught.seed else "MISSED"
            click.echo(f"{caught.bug:<30} {caught.control:<6} {where}")
    if as_json:
        click.echo(json.dumps([asdict(caught) for caught in found], indent=1))
    missed = sum(not caught.seed for caught in found)
    if not as_json:
        click.echo(f"{len(found) - missed} of {len(found)} deliberate bugs caught.")
    return ExitCode.REFUSED if missed else ExitCode.FINE


def _tell(summary: "Summary", models: tuple[str, ...]) -> None:
    from emscontrol.trials.summary import as_text

    click.echo(as_text(summary))
    for outcome in summary.failures:
        click.echo(f"\n{_replay(outcome, models)}")
        for check, sentence in outcome.violations[:3]:
            click.echo(f"    {check}: {sentence}")


def _replay(outcome: "Outcome", models: tuple[str, ...]) -> str:
    """The command that plays one session again."""
    only = "".join(f" --model {model}" for model in models)
    return f"emscontrol campaign --seeds {outcome.seed}..{outcome.seed}{only}"


def _keep(summary: "Summary", models: tuple[str, ...], one: int | None, folder: Path | None) -> None:
    if folder is None:
        return
    from emscontrol.trials.story import keep

    for seed in [one] if one is not None else [outcome.seed for outcome in summary.failures]:
        click.echo(f"Kept in {keep(seed, models, folder)}", err=True)
