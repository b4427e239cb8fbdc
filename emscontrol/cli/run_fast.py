"""`run --speed max`: the session in virtual time, in this process."""

from collections.abc import Mapping
from typing import cast

import click

from emscontrol.cli.outcome import Outcome
from emscontrol.core.events import Event
from emscontrol.session.spec import SessionSpec


def run_fast(spec: SessionSpec, plain: bool, only: frozenset[str] = frozenset(), signed: bool = True) -> Outcome:
    """Rehearse it, telling every event (`plain`) or `only` those of some kinds. Raises what the assembly refuses."""
    from emscontrol.wiring.rehearsal import rehearse_session
    from emscontrol.wiring.station import signer_of

    listener = Listener(plain, only)
    assembly = rehearse_session(spec, listener.hear, signer=signer_of(spec.home) if signed else None)
    engine = assembly.engine
    return Outcome(
        engine.result,
        engine.reason,
        listener.duration_us,
        listener.totals,
        spec.journal,
        engine.output_unknown,
        simulated=True,
        pulls_mn=listener.pulls_mn,
        cries=listener.cries,
    )


PAINFUL = "painful"


class Listener:
    """Keeps what the last events say; prints each event, or those of some kinds, when asked to."""

    def __init__(self, plain: bool, only: frozenset[str] = frozenset()) -> None:
        self._plain = plain
        self._only = only
        self.totals: Mapping[str, Mapping[str, int]] = {}
        self.duration_us = 0
        self.pulls_mn: dict[str, int] = {}
        self.cries: dict[str, int] = {}

    def hear(self, event: Event, now_us: int) -> None:
        """One event of the engine."""
        self.note(event.kind, event.args)
        if self._plain or event.kind in self._only:
            click.echo(plain_line(now_us, event.severity.value, event.sentence()), err=True)

    def note(self, kind: str, args: Mapping[str, object]) -> None:
        """Remember the totals, the duration, how hard a simulated muscle pulled and how often its owner was in pain."""
        if kind == "totals":
            self.totals = cast("Mapping[str, Mapping[str, int]]", args["channels"])
        elif kind == "body_answered":
            self.pulls_mn[str(args["channel"])] = cast("int", args["force_mn"])
        elif kind == "body_said" and args["word"] == PAINFUL:
            self.cries[str(args["channel"])] = self.cries.get(str(args["channel"]), 0) + 1
        elif kind == "session_ended":
            self.duration_us = cast("int", args["duration_us"])


_MARKS = {"alarm_high": "*** ", "alarm_medium": "** ", "alarm_low": "* "}


def plain_line(t_us: int, severity: str, sentence: str) -> str:
    """One event as one line; alarms carry the usual marks."""
    return f"{t_us / 1e6:9.3f} s  {_MARKS.get(severity, '')}{sentence}"
