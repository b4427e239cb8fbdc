"""`run --appointment`: the planned session, with everything that the book knows."""

from collections.abc import Callable
from pathlib import Path

from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.run.handing_in import announced, hand_in
from emscontrol.cli.clinic.run.holding import held, stays_here
from emscontrol.cli.clinic.run.next_time import tell_next
from emscontrol.cli.clinic.run.occasion import Occasion, announce, occasion
from emscontrol.cli.clinic.run.wanted import Wanted
from emscontrol.cli.outcome import Outcome
from emscontrol.protocol.load import LoadedProtocol, load_text
from emscontrol.session.spec import SessionSpec

Play = Callable[[SessionSpec], Outcome]
MakeSpec = Callable[[LoadedProtocol, str, dict[str, int], dict[str, int], str], SessionSpec]
"""(protocol, device, comfort and motor levels in µA by channel, booking) to the session that the command line asks for."""


def run_booked(home: str, wanted: Wanted, make: MakeSpec, play: Play) -> Outcome:
    """Run an appointment's session. Raises what stands in its way; after it the journal is handed in, or waits."""
    desk = Desk(home)
    try:
        chosen = occasion(desk, wanted)
        given = chosen.prescription
        zone = desk.zone if chosen.online else None
        announce(chosen, f"{given.starts_at.astimezone(zone):%Y-%m-%d %H:%M}")
        spec = _spec(chosen, make)
        beside = held(desk, given.stimulator) if chosen.online else stays_here(desk, given.booking.book)
        with announced(desk, Path(spec.journal), given.booking), beside:
            outcome = play(spec)
        if outcome.journal and hand_in(desk, chosen.actor):
            tell_next(desk, given)
        return outcome
    finally:
        desk.close()


def _spec(chosen: Occasion, make: MakeSpec) -> SessionSpec:
    given = chosen.prescription
    loaded = load_text(given.protocol_text, f"plan {given.booking.plan}")
    return make(loaded, chosen.device, given.amplitudes_ua("comfort"), given.amplitudes_ua("motor"), given.booking.to_json())
