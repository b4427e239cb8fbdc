"""The verbs, each loaded when it is used, and the outermost loop of the command line."""

import sys
from typing import Final

import click

from emscontrol import __version__
from emscontrol.cli.lazy import LazyGroup, Verbs
from emscontrol.core.errors import EmsError, ExitCode, ProtocolFileError

VERBS: Final[Verbs] = {
    "check": ("emscontrol.cli.check", "Are these protocol files right, and what may they do?"),
    "preview": ("emscontrol.cli.preview", "Timeline, totals, and the dose against every limit."),
    "run": ("emscontrol.cli.run", "Run a session."),
    "electrodes": ("emscontrol.cli.electrodes", "Measure the contact of the electrodes at rest, where the stimulator can."),
    "threshold": ("emscontrol.cli.threshold", "Find sensory, motor and comfort threshold of a muscle."),
    "strength-duration": ("emscontrol.cli.strength_duration", "Measure a strength–duration curve: has the muscle its nerve?"),
    "demo": ("emscontrol.cli.demo", "A whole session on a simulated stimulator, with a report at the end."),
    "stop": ("emscontrol.cli.stop_verb", "Stop whatever this user's engines are doing."),
    "devices": ("emscontrol.cli.devices", "Ports, and what is on them."),
    "patient": ("emscontrol.cli.clinic.verbs", "Patients: who, with what, their muscles, thresholds and electrodes."),
    "screen": ("emscontrol.cli.clinic.verbs", "The screening of a patient: what stands in the way of a session?"),
    "outcome": ("emscontrol.cli.clinic.verbs", "What was measured of a patient, and how it goes."),
    "plan": ("emscontrol.cli.clinic.verbs", "What was prescribed, how much of it was given, and the next step."),
    "appointment": ("emscontrol.cli.clinic.verbs", "When: the calendar, opening hours, waiting list."),
    "agenda": ("emscontrol.cli.clinic.agenda", "One day: who comes, and what is due before."),
    "staff": ("emscontrol.cli.clinic.verbs", "Who works here: logging in and out, roles, PINs."),
    "book": ("emscontrol.cli.clinic.verbs", "The clinic's book itself: made, checked, kept safe, handed in to."),
    "verify": ("emscontrol.cli.verify", "Is this journal as it was written?"),
    "report": ("emscontrol.cli.report", "What was delivered, for people to read: html, pdf or text."),
    "export": ("emscontrol.cli.export", "Sessions as tables, traces or bundles; appointments as a calendar."),
    "lsl": ("emscontrol.cli.lsl", "A running session as markers for the lab streaming layer."),
    "replay": ("emscontrol.cli.replay", "Play a session again from its journal; nothing flows by it."),
    "compare": ("emscontrol.cli.compare", "Two sessions side by side."),
    "key": ("emscontrol.cli.key", "The key that this station signs its journals with, and the keys of others."),
    "schema": ("emscontrol.cli.schema", "JSON Schema of protocol files and of journals."),
    "campaign": ("emscontrol.cli.campaign", "Random sessions with everything that can go wrong, in virtual time."),
    "wire": ("emscontrol.cli.wire", "Frames of a stimulator's wire protocol, decoded and encoded."),
    "completion": ("emscontrol.cli.completion", "Completion for your shell."),
}


@click.command(
    cls=LazyGroup,
    table=VERBS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "--version", "-V", prog_name="emscontrol", message="%(prog)s %(version)s")
@click.option("--home", type=click.Path(file_okay=False), default=None, help="Folder for everything that emscontrol keeps.")
@click.pass_context
def cli(ctx: click.Context, home: str | None) -> None:
    """Open session controller for electrical muscle stimulators.

    Without a verb it opens the terminal program. Exit codes: 0 fine, 1 refused by a rule, 2 unreadable or wrong usage,
    3 journal not intact, 4 device absent, busy or at fault, 5 internal fault after a safe stop, 6 stopped by a person, 7 no
    clinic's book that can be used, 130/143 by signal.
    """
    ctx.obj = home or ""
    if ctx.invoked_subcommand is None:
        from emscontrol.cli.bench import workbench
        from emscontrol.tui.app import open_screen

        ctx.exit(open_screen(home or "", workbench()))


def run(arguments: list[str]) -> int:
    """The outermost loop of the command line; returns the exit code."""
    try:
        result = cli.main(arguments, prog_name="emscontrol", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        return int(ExitCode.USAGE)
    except click.ClickException as problem:
        problem.show()
        return int(ExitCode.USAGE)
    except EmsError as problem:
        tell(problem)
        return int(problem.exit_code)
    except BrokenPipeError:
        return int(ExitCode.FINE)
    except Exception as problem:  # noqa: BLE001 -- one of the two outermost loops
        click.echo(f"emscontrol failed inside ({type(problem).__name__}: {problem}). Please report this.", err=True)
        return int(ExitCode.INTERNAL)
    return result if isinstance(result, int) else int(ExitCode.FINE)


def tell(problem: EmsError) -> None:
    """An error on standard error: each problem of a file on a line of its own, then once what to do about it."""
    lines = problem.problems if isinstance(problem, ProtocolFileError) else (problem.what,)
    for line in lines[:-1]:
        click.echo(line, err=True)
    one_line = isinstance(problem, ProtocolFileError) and lines[-1].endswith(".")
    click.echo(f"{lines[-1]}{' ' if one_line else chr(10)}{problem.remedy}".rstrip(), err=True)
    sys.stderr.flush()
