"""`emscontrol campaign`."""

import json
import os
import re
import signal
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from emscontrol.core.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

    from emscontrol.trials.outcome import Outcome
    from emscontrol.trials.summary import Summary

SEEDS = re.compile(r"(\d{1,12})(?:\.\.(\d{1,12}))?")
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
NOT_PLANTED = {"seeds": "--seeds", "models": "--model", "keep": "--keep", "address": "--dask"}
HEADINGS = ("deliberate bug", "control", "first seed", "trials", "check that found it")
ROW = "{:<34}{:<10}{:>10}{:>8}  {}"
ABOUT = """\
first seed  the first one whose session shows the bug; sessions in which nothing happens that could show it are passed over
trials      sessions played until then
"""


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
        _alone(ctx)
        ctx.exit(_hunt(jobs or os.cpu_count() or 1, as_json))
    first, last = _seeds(seeds)
    _known(models)
    summary = _run(first, last, jobs or os.cpu_count() or 1, models, address, quiet=as_json)
    interrupted = summary.sessions < last - first + 1
    if as_json:
        click.echo(json.dumps({"interrupted": interrupted, **summary.as_json()}, indent=1))
    else:
        _tell(summary, models)
    if interrupted:
        click.echo(_how_far(first, first + summary.sessions, last, models), err=True)
        ctx.exit(INTERRUPTED)
    _keep(summary, models, first if first == last else None, keep)
    ctx.exit(ExitCode.REFUSED if summary.failed else ExitCode.FINE)


def _alone(ctx: click.Context) -> None:
    """Raises UsageError when an option is given that the deliberate bugs have no use for."""
    for name, option in NOT_PLANTED.items():
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(
                f"--planted and {option} do not go together: each bug has its own seeds and models, and is hunted until found.",
                f"Leave {option} out, or leave --planted out.",
            )


def _how_far(first: int, next_: int, last: int, models: tuple[str, ...]) -> str:
    """What to say after Ctrl+C."""
    done = f"only seeds {first}..{next_ - 1} are counted" if next_ > first else "no session was finished"
    return f"Stopped by Ctrl+C: {done}. {_command(next_, last, models)} goes on from there."


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
    total = last - first + 1
    try:
        with (
            closing(_outcomes(first, last, jobs, models, address)) as outcomes,
            click.progressbar(length=total, label="sessions", show_pos=True, hidden=quiet, file=sys.stderr) as bar,
        ):
            for outcome in outcomes:
                summary.add(outcome)
                bar.update(1)
    except KeyboardInterrupt:
        _hear_no_more()
    return summary


def _hear_no_more() -> None:
    """The end is near; a second Ctrl+C must not take away what there still is to say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcomes(first: int, last: int, jobs: int, models: tuple[str, ...], address: str | None) -> "Generator[Outcome]":
    if address is not None:
        from emscontrol.trials.cluster import run_on_cluster

        return run_on_cluster(first, last, address, models)
    from emscontrol.trials.campaign import run_campaign

    return run_campaign(first, last, min(jobs, max(1, (last - first + 1) // 10)), models)


def _hunt(jobs: int, as_json: bool) -> int:
    """Every deliberate bug: which seed shows it first, and to which check."""
    from emscontrol.trials.planted.hunt import hunt_all

    found = []
    if not as_json:
        click.echo(ROW.format(*HEADINGS))
    try:
        with closing(hunt_all(jobs)) as hunted:
            for caught in hunted:
                found.append(caught)
                if not as_json:
                    click.echo(ROW.format(caught.bug, caught.control, caught.seed or "MISSED", caught.tried, caught.check))
    except KeyboardInterrupt:
        _hear_no_more()
        click.echo("Stopped by Ctrl+C: the other bugs have not been hunted.", err=True)
        return INTERRUPTED
    missed = sum(not caught.seed for caught in found)
    if as_json:
        click.echo(json.dumps([asdict(caught) for caught in found], indent=1))
    else:
        click.echo(f"\n{ABOUT}\n{len(found) - missed} of {len(found)} deliberate bugs caught.")
    return ExitCode.REFUSED if missed else ExitCode.FINE


def _tell(summary: "Summary", models: tuple[str, ...]) -> None:
    from emscontrol.trials.summary import as_text

    click.echo(as_text(summary))
    for outcome in summary.failures:
        click.echo(f"\n{_command(outcome.seed, outcome.seed, models)}")
        for check, sentence in outcome.violations[:3]:
            click.echo(f"    {check}: {sentence}")


def _command(first: int, last: int, models: tuple[str, ...]) -> str:
    """The command that plays these sessions."""
    only = "".join(f" --model {model}" for model in models)
    return f"emscontrol campaign --seeds {first}..{last}{only}"


def _keep(summary: "Summary", models: tuple[str, ...], one: int | None, folder: Path | None) -> None:
    if folder is None:
        return
    from emscontrol.trials.story import keep

    for seed in [one] if one is not None else [outcome.seed for outcome in summary.failures]:
        place = keep(seed, models, folder)
        beside = "" if place.name == f"seed-{seed}" else f" (seed-{seed} was there already and is left as it is)"
        click.echo(f"Kept in {place}{beside}", err=True)
