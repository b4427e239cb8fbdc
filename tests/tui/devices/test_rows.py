"""What the list of devices says, without a screen."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from emscontrol.core.events import make
from emscontrol.record.journal import Journal
from emscontrol.record.place import journal_folder, journal_name
from emscontrol.tui.screens.devices.battery import charges
from emscontrol.tui.screens.devices.rows import Charge, Known, Owned, device_of, rows
from emscontrol.tui.screens.devices.simulator import example, usual_first
from emscontrol.wiring.bodies import all_faults
from emscontrol.wiring.scan import Found
from firmware_sim.faults import parse_fault
from tests.session.rig import Rig

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("form", [form for form, _ in all_faults()])
def test_the_example_of_every_fault_is_one_that_a_simulator_takes(form: str) -> None:
    assert parse_fault(example(form)).at_us == 20_000_000


def test_all_faults_are_on_offer_those_of_the_skin_first() -> None:
    from emscontrol.tui.bench import Offer

    offers = [Offer(*fault) for fault in all_faults()]
    ordered = usual_first(offers)
    assert ordered[0].name == "electrode_off:CHANNEL"
    assert sorted(offer.name for offer in ordered) == sorted(offer.name for offer in offers)


def test_another_stimulator_than_the_book_says_is_told_and_one_that_fits_is_not() -> None:
    known = Known(owned=(Owned("blue", "p24@/dev/tty1", "A-1", ""),))
    known.found["/dev/tty1"] = Found("/dev/tty1", "", "p24", "A-2", "1.0", "")
    assert rows(known)[0].cells[2].endswith("ANOTHER ONE than the book says")
    known.found["/dev/tty1"] = Found("/dev/tty1", "", "p24", "A-1", "1.0", "")
    assert "ANOTHER" not in rows(known)[0].cells[2]


def test_a_port_without_an_answer_is_no_stimulator_and_says_why() -> None:
    known = Known(found={"/dev/tty1": Found("/dev/tty1", "", "", "", "", "You may not use /dev/tty1.")})
    assert rows(known)[0].cells[2] == "You may not use /dev/tty1."
    assert device_of("port:/dev/tty1", known) == ""


def record(home: Path, port: str, level: int, at: datetime) -> None:
    """A record of a session on this port, with a battery."""
    rig = Rig("reference").to_armed()
    journal = Journal.create(
        journal_folder(home) / journal_name("short", at), lambda: at.isoformat(), threaded=False, sync=False
    )
    opened = rig.last("session_opened")
    journal.append(make("session_opened", **(dict(opened.args) | {"port": port})), 0)
    journal.append(make("battery", level_percent=level), 0)
    journal.close()


def test_the_battery_is_that_of_the_newest_record_and_simulators_have_none(tmp_path: Path) -> None:
    record(tmp_path, "p24@/dev/tty1", 80, AT)
    record(tmp_path, "p24@/dev/tty1", 60, AT.replace(hour=9))
    record(tmp_path, "p24@sim", 50, AT.replace(hour=10))
    assert charges(str(tmp_path)) == {"p24@/dev/tty1": Charge(60, AT.replace(hour=9))}
