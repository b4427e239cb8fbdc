"""How a session ended that nobody ended on purpose, and what is known of the current after it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast

from emscontrol.core.units import format_s
from emscontrol.record.known_zero import KnownZero
from emscontrol.record.line import Record
from emscontrol.tui.language import _

SCREEN_CLOSED: Final = "the screen was closed"  # the cause that a screen gives when it goes; see `EngineLink.hang_up`
SURPRISES: Final = (" is gone", " has been silent", SCREEN_CLOSED)
BY_SIGNAL: Final = "ended by "


class Ended(StrEnum):
    """What brought the session to its end."""

    ON_PURPOSE = "on purpose"  # by its program, by a person, by a fault that was on the screen
    NO_END = "no end"
    DAMAGED = "not intact"
    SCREEN_GONE = "screen gone"
    SCREEN_FROZEN = "screen frozen"
    SCREEN_CLOSED = "screen closed"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Ending:
    """`zero` is True where an intact record holds a confirmed zero or no current at all, False where it does not.

    `watchdog_us` is how long the stimulator goes on without the program, 0 where the record does not say. `last_words` is the
    last record as a sentence.
    """

    how: Ended
    zero: bool
    simulated: bool
    watchdog_us: int
    last_words: str


def surprising(reason: str) -> bool:
    """Whether a closed record's reason may be that of a session that nobody ended on purpose; only a hint."""
    return reason.endswith(SURPRISES) or reason.startswith(BY_SIGNAL)


def ending(records: Sequence[Record], intact: bool = True) -> Ending:
    """How this session ended, by its records, the first of which opens it: all of an `intact` one, else those that stand."""
    capabilities = cast("Mapping[str, Any]", records[0].event.args.get("capabilities", {}))
    last = records[-1]
    how = _how(records) if last.event.kind == "session_ended" else Ended.NO_END
    return Ending(
        how=how if intact else Ended.DAMAGED,
        zero=intact and _zero(records),
        simulated=bool(records[0].event.args["simulated"]),
        watchdog_us=int(capabilities.get("watchdog_us", 0)),
        last_words=last.event.sentence() if last.n > 1 else _("The session was opened."),
    )


def _how(records: Sequence[Record]) -> Ended:
    """By the reason of the closing record, which is that of the first cause."""
    reason = next((str(r.event.args["reason"]) for r in reversed(records) if r.event.kind == "session_ended"), "")
    told = {r.event.kind: r.event.args for r in records if r.event.kind in ("client_gone", "lease_lost", "interrupted")}
    if "client_gone" in told and reason == f"{told['client_gone']['client']} is gone":
        return Ended.SCREEN_GONE
    if "lease_lost" in told and reason == f"{told['lease_lost']['client']} has been silent":
        return Ended.SCREEN_FROZEN
    if "interrupted" in told and reason == f"{BY_SIGNAL}{told['interrupted']['signal']}":
        return Ended.SIGNAL
    return Ended.SCREEN_CLOSED if reason.endswith(SCREEN_CLOSED) else Ended.ON_PURPOSE


def _zero(records: Iterable[Record]) -> bool:
    """Nothing was ever asked for, or the stimulator confirmed that nothing is."""
    known = KnownZero()
    for record in records:
        known.take(record.event.kind, record.event.args)
    return known.zero


_WHY: Final = {
    Ended.NO_END: (
        "The record has no end: the engine that ran this session was killed, or the computer lost its power or stood still."
    ),
    Ended.DAMAGED: "The record was changed or damaged: what follows is told of the part of it that stands.",
    Ended.SCREEN_GONE: "The screen or program that ran this session ended suddenly; the engine saw it go and stopped at once.",
    Ended.SCREEN_FROZEN: "The screen or program that ran this session answered no more; its lease ran out, the engine stopped.",
    Ended.SCREEN_CLOSED: "The terminal was closed or its line was lost while the session ran; the engine stopped.",
    Ended.SIGNAL: "The system told the engine to end, as when a computer shuts down; the engine stopped.",
}


def explained(end: Ending) -> list[str]:
    """Sentences about an end that nobody meant: why, what ended the current, what is not known. Empty for any other."""
    if end.how is Ended.ON_PURPOSE:
        return []
    broken_off = end.how in (Ended.NO_END, Ended.DAMAGED)
    return [_(_WHY[end.how]), *(_of_no_end(end) if broken_off else [_output(end)])]


def _output(end: Ending) -> str:
    if end.zero:
        return _("OUTPUT KNOWN: no current flowed at the end; the stimulator confirmed zero.")
    return " ".join((_("OUTPUT NOT KNOWN: the stimulator did not confirm zero."), _what_to_do(end)))


def _of_no_end(end: Ending) -> list[str]:
    last = _("Its last record says: {sentence}").format(sentence=end.last_words)
    if end.zero:
        return [last, _("OUTPUT KNOWN up to there: no current was asked for when the record broke off.")]
    if end.watchdog_us:
        by_itself = _(
            "Without its engine the stimulator's own watchdog ends the current {after} after the last command."
        ).format(after=format_s(end.watchdog_us))
    else:
        by_itself = _("The record does not say when the stimulator ends the current by itself.")
    unknown = _("OUTPUT NOT KNOWN: what flowed after the last record, and whether the watchdog did its work.")
    return [last, by_itself, f"{unknown} {_what_to_do(end)}"]


def _what_to_do(end: Ending) -> str:
    if end.simulated:
        return _("It was a SIMULATION: nobody had electrodes on.")
    return _("If the stimulator has not been switched off since, pull its leads.")
