"""`emscontrol replay`: a session played again from its record, as text or on the screen."""

import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from emscontrol.cli.run_fast import plain_line
from emscontrol.core.errors import ExitCode, JournalBroken, UsageError
from emscontrol.core.units import US_PER_S

if TYPE_CHECKING:
    from emscontrol.record.line import Record
    from emscontrol.record.report import VerifyReport

QUIET: Final = frozenset({"set_point", "acked", "measured", "read_back", "link_noise", "checkpoint"})
"""What comes many times a second, or says nothing of the session; told with --all."""
FASTEST: Final = 1000
NOT_KNOWN: Final = (
    "OUTPUT NOT KNOWN: the record does not say, or cannot be relied on to say, that no current flowed after this."
)
PROMISE: Final = "Nothing is connected, and nothing flows by this replay."


@click.command()
@click.argument("journal", type=click.Path(path_type=Path, readable=False))
@click.option("--speed", default="1", metavar="N|max", show_default=True, help="How much faster than it was.")
@click.option("--plain", is_flag=True, help="One line an event, also on a terminal.")
@click.option("--all", "everything", is_flag=True, help="Set points, answers and measurements too; with --plain.")
@click.pass_context
def replay(ctx: click.Context, journal: Path, speed: str, plain: bool, everything: bool) -> None:
    """Play the session of JOURNAL again, with the times of its record. Nothing is connected, and nothing flows by it.

    On a terminal it opens the screen: Space pauses, arrows jump, + and − change the speed, q leaves. Exit code 3 when the
    record is not intact; then it is played as far as it stands. Who signed it, and what is not known, is on standard error.
    """
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.verify import verify

    faster = read_speed(speed)
    screen = not plain and not everything and faster != math.inf and _on_a_terminal()
    if screen:
        click.echo("Reading the record …", err=True)
    ring = known_keys(key_folder(ctx.obj))
    report = verify(journal, ring.names(), distrusted=ring.mistrusted())
    if not report.last_good:
        raise JournalBroken(f"{journal}: not one record of it stands.", "Run `emscontrol verify` on it.")
    if screen:
        ctx.exit(_screen(str(ctx.obj), journal, faster) or int(report.exit_code))
    for said in filter(None, (report.signature_sentence(), report.mistrust)):
        click.echo(f"REPLAY: {said}", err=True)
    try:
        zero_known = _tell(journal, report, faster, everything) and report.ok
    except JournalBroken:  # in the middle: changed meanwhile, or a record that only a newer program can read
        click.echo(f"REPLAY: {NOT_KNOWN}", err=True)
        raise
    if not report.ok or not report.ended:
        click.echo(f"REPLAY ends here: {report.sentence()} {report.totals_sentence()}".rstrip(), err=True)
    if not zero_known:
        click.echo(f"REPLAY: {NOT_KNOWN}", err=True)
    ctx.exit(int(report.exit_code))


def read_speed(text: str) -> float:
    """How many times faster than it was; infinite for `max`. Raises UsageError."""
    if text == "max":
        return math.inf
    try:
        speed = float(Decimal(text))
    except InvalidOperation:
        speed = 0.0
    if not 0 < speed <= FASTEST:
        raise UsageError(f"--speed {text!r} is no speed.", f"Give a number above 0, up to {FASTEST}, or max.")
    return speed


def paced(
    records: "Iterable[Record]",
    speed: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> "Iterator[Record]":
    """The records, each when it is due: as far from the first one as it was, divided by the speed. Never behind for good."""
    began_s, first_us = clock(), None
    for record in records:
        first_us = record.t_us if first_us is None else first_us
        left_s = began_s + (record.t_us - first_us) / US_PER_S / speed - clock()
        if left_s > 0:
            sleep(left_s)
        yield record


def _tell(journal: Path, report: "VerifyReport", speed: float, everything: bool) -> bool:
    """The records that stand, and whether they say that no current flows after the last of them."""
    from emscontrol.core.events import printable
    from emscontrol.record.known_zero import KnownZero
    from emscontrol.record.replay import read_verified

    first_us, known = None, KnownZero()
    for record in paced(read_verified(journal, report.last_good, report.last_hash), speed):
        known.take(record.event.kind, record.event.args)
        if first_us is None:
            first_us = record.t_us
            simulated = ", a SIMULATION" if record.event.args.get("simulated") else ""
            click.echo(f"REPLAY of {printable(journal.name)}{simulated}, recorded {record.wall}. {PROMISE}")
        if everything or record.event.kind not in QUIET:
            line = plain_line(record.t_us - first_us, record.event.severity.value, record.event.sentence())
            click.echo(f"REPLAY {line}")
    return known.zero


def _on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _screen(home: str, journal: Path, speed: float) -> int:
    from emscontrol.cli.bench import workbench
    from emscontrol.tui.app import open_screen
    from emscontrol.tui.house import ReplayWanted

    return open_screen(home, workbench(), only=ReplayWanted(str(journal.absolute()), speed)) or int(ExitCode.FINE)
