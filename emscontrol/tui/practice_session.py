"""The session that a newcomer practises with: a few contractions of a real protocol on a simulated body, in two minutes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from emscontrol.core.errors import EmsError
from emscontrol.core.units import counted, format_ma
from emscontrol.protocol.library import load_named
from emscontrol.protocol.shortened import few_contractions
from emscontrol.record.replay import final_state
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.choices import Rehearsal, session_spec
from emscontrol.tui.language import _

PROTOCOL: Final = "acl-quadriceps"  # two channels, so that there is one to choose; cut down it takes 96 s
DEVICE: Final = "reference@sim"
BODY: Final = "healthy"
COMFORT_UA: Final = 26_000
"""`emscontrol threshold` finds for this body and protocol: felt from 7.5, contracts from 18, comfortable up to 27 mA."""


def practice_spec(home: str, speed: float = 1.0) -> SessionSpec:
    """The session, with a place for its record; `speed` times as fast. Raises StorageError when there is no room for one."""
    loaded = few_contractions(load_named(PROTOCOL))
    comfort_ua = dict.fromkeys(loaded.protocol.channels, COMFORT_UA)
    return replace(session_spec(loaded, DEVICE, comfort_ua, {}, home, Rehearsal(speed=speed)), body=BODY)


def what_was_done(journal: str) -> Iterator[str]:
    """Lines about a session that is over, from its record: how it ended, and what each channel got."""
    try:
        final = final_state(Path(journal))
    except EmsError as problem:
        yield f"{problem.what} {problem.remedy}".strip()
        return
    if not final.ended:
        yield _("The record has no end: what was delivered after its last line is not known.")
    else:
        yield f"{final.result.upper()}: {final.reason}"
    for channel, total in sorted(final.totals.items()):
        yield _("Channel {number}: {contractions}, at most {peak}, {seconds} s with current").format(
            number=channel,
            contractions=counted(total["contractions"], "contraction"),
            peak=format_ma(total["peak_ua"]),
            seconds=round(total["on_us"] / 1_000_000),
        )
