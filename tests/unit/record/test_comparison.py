"""Two sessions side by side: figures as the oscilloscope saw them, differences by sign, and what must not be compared."""

from pathlib import Path

import pytest

from emscontrol.core.events import Event, make
from emscontrol.record.comparison import Comparison, Differs, Line, compare
from emscontrol.record.distrust import Distrust
from emscontrol.record.journal import Journal
from emscontrol.record.keys import KeyRing, PublicKey
from emscontrol.record.replay import read_events
from emscontrol.record.reports.session_read import read_session
from emscontrol.record.signing import Signer
from tests.exports.sessions import ran
from tests.session.patient import Bedside, Patient, threshold_spec
from tests.session.rig import SHORT, Rig
from tests.unit.record.sample import lines_of, session
from tests.unit.record.stations import GOLDEN, key, signed_lines, signer


def of(a: Path, b: Path) -> Comparison:
    return compare(read_session(a, KeyRing()), read_session(b, KeyRing()))


def line(found: Comparison, channel: int | None, name: str) -> Line:
    (only,) = [line for line in found.lines if (line.channel, line.name) == (channel, name)]
    return only


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return ran("p24").write(tmp_path / "whole.jsonl")


@pytest.fixture
def fault(tmp_path: Path) -> Path:
    return ran("p24 electrode off").write(tmp_path / "fault.jsonl")


def test_a_session_is_the_same_as_itself(whole: Path) -> None:
    found = of(whole, whole)
    assert found.obstacles == ()
    assert {each.differs for each in found.lines} == {Differs.SAME}
    assert not any(each.by for each in found.lines)
    assert line(found, 2, "contractions").a == 2
    assert line(found, 1, "place").a == "left quad_rf"


def test_a_session_that_was_cut_short_got_less(whole: Path, fault: Path) -> None:
    found = of(whole, fault)
    assert found.obstacles == ()
    pulses = line(found, 1, "pulses")
    seen = ran("p24").pulses[1], ran("p24 electrode off").pulses[1]
    assert (pulses.a, pulses.b, pulses.by, pulses.differs) == (*seen, seen[1] - seen[0], Differs.LESS)
    assert [line(found, 1, name).differs for name in ("prescribed contractions", "contractions")] == [
        Differs.SAME,
        Differs.LESS,
    ]
    assert (line(found, None, "result").b, line(found, None, "result").differs) == ("fault", Differs.OTHER)
    assert (line(found, None, "alarms").a, line(found, None, "alarms").differs) == (0, Differs.MORE)


def test_the_other_way_round_every_sign_turns(whole: Path, fault: Path) -> None:
    turned = {Differs.MORE: Differs.LESS, Differs.LESS: Differs.MORE}
    there, back = of(whole, fault).lines, of(fault, whole).lines
    assert [(x.name, x.a, x.b, x.differs, x.by) for x in there] == [
        (y.name, y.b, y.a, turned.get(y.differs, y.differs), None if y.by is None else -y.by) for y in back
    ]


OTHERS = {
    "other protocol": ("id: short", "id: long", "Other protocols: short and long."),
    "other text": ("revision: 1", "revision: 2", "The text of the protocol short is not the same in both."),
    "other side": ("side: left, label: left rectus", "side: right, label: left rectus", "left quad_rf and right quad_rf"),
    "other muscle": ("muscle: quad_vm", "muscle: quad_vl", "left quad_vm and left quad_vl"),
}


@pytest.mark.parametrize(("old", "new", "why"), OTHERS.values(), ids=OTHERS)
def test_what_must_not_be_compared_is_said_and_shown(old: str, new: str, why: str, whole: Path, tmp_path: Path) -> None:
    rig, path = Rig("p24", text=SHORT.replace(old, new)).to_armed(), tmp_path / "other.jsonl"
    path.write_bytes(b"".join(rig.start().finish().journal.lines))
    found = of(whole, path)
    assert any(why in obstacle for obstacle in found.obstacles)
    assert line(found, 1, "pulses").differs is Differs.SAME


def test_a_channel_that_only_one_of_them_has_was_not_used_in_the_other(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "measured.jsonl"
    path.write_bytes(b"".join(Bedside(threshold_spec(channel=1)).to_running().play(Patient().word).journal.lines))
    found = of(whole, path)
    only = [each for each in found.lines if each.channel == 2]
    assert {each.b for each in only} == {"not used"}
    assert {each.differs for each in only} == {Differs.OTHER}
    assert line(found, 1, "prescribed contractions").b is None, "a measurement prescribes none, and that is not known"


def test_another_patient_is_another_patient(whole: Path, tmp_path: Path) -> None:
    booked = ran("p24 booked").write(tmp_path / "booked.jsonl")
    assert "Other patients: none named and P-17." in of(whole, booked).obstacles


def test_what_a_record_does_not_say_is_not_zero(whole: Path) -> None:
    found = of(whole, GOLDEN / "format-1-cut.jsonl")
    assert (line(found, None, "result").b, line(found, None, "result").differs) == (None, Differs.UNKNOWN)
    assert line(found, None, "record").b == "intact, not closed"


def again(path: Path, by: Signer | None = None, simulated: bool = True) -> Path:
    """The same session, signed by a station, and as one of a real stimulator."""
    journal, other = Journal.in_memory(signer=by), path.with_name(f"{path.stem}-{by.public[:4] if by else ''}{simulated}.jsonl")
    for record in read_events(path):
        opens = record.event.kind == "session_opened"
        event = Event(record.event.kind, {**record.event.args, "simulated": simulated}) if opens else record.event
        journal.append(event, record.t_us)
    other.write_bytes(b"".join(journal.lines))
    return other


def test_a_simulation_is_not_held_against_a_session_of_a_person(whole: Path) -> None:
    for first, second, which in ((whole, again(whole, None, False), "first"), (again(whole, None, False), whole, "second")):
        found = of(first, second)
        assert f"Only the {which} was a simulation: nobody had electrodes on." in found.obstacles
        assert line(found, None, "simulated").differs is Differs.OTHER
    assert line(of(whole, whole), None, "simulated").a == "yes"


def test_a_record_without_an_end_is_not_held_against_a_whole_one(whole: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:60]))
    unknown = "The second record does not say that no current flowed after its end: the output is not known."
    assert of(whole, cut).obstacles == ("The second record has no end: what came after record 60 is not known.", unknown)
    flows = tmp_path / "flows.jsonl"
    events = [record.event for record in read_events(whole)]
    measured = make("measured", channel=1, amplitude_ua=22_000, set_ua=0, pulses=5)
    flows.write_bytes(b"".join(lines_of([*events[:-1], measured, events[-1]])))
    assert unknown in of(whole, flows).obstacles


def test_records_of_which_nobody_knows_who_wrote_them_are_told(whole: Path) -> None:
    ring = KeyRing(
        tuple(PublicKey(key(number)[0], "Room", "2026-01-01") for number in (1, 2)),
        (Distrust(key(2)[0], "2026-03-09", "stolen"),),
    )
    known, stolen, strange = (again(whole, signer(number)) for number in (1, 2, 3))
    real, unsigned = again(whole, signer(1), False), again(whole, None, False)

    def told(a: Path, b: Path) -> str:
        return " ".join(compare(read_session(a, ring), read_session(b, ring)).obstacles)

    assert told(known, whole) == "", "what was simulated needs no signature"
    assert told(real, real) == ""
    assert told(stolen, known).startswith("The first record: Its key is no longer trusted since 2026-03-09 (stolen).")
    assert told(known, strange) == "The second record is signed with a key that is not known here."
    assert told(real, unsigned) == "The second record is of a real session and has no signature."


def test_an_end_that_is_not_signed_is_told(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    lines = signed_lines(session())
    whole.write_bytes(b"".join(lines))
    last = next(place for place, told in enumerate(lines) if b"stop_requested" in told)
    cut.write_bytes(b"".join(lines[: last + 1]))
    told = "record is signed up to record 3: what follows, up to record 26, is not."
    assert [each for each in of(whole, cut).obstacles if "signed up to" in each] == [f"The second {told}"]
    cut.write_bytes(b"".join(lines[:3]))
    assert not [each for each in of(cut, whole).obstacles if "signed up to" in each], "it ends with a signature"
