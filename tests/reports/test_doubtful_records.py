"""Records that were damaged, forged, never closed or are still being written: a report tells what is known, and no more."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import Event, make
from emscontrol.record import open_journal
from emscontrol.record.distrust import Distrust
from emscontrol.record.exports.many import booking
from emscontrol.record.journal import Journal
from emscontrol.record.keys import KeyRing, PublicKey
from emscontrol.record.refusals import KINDS, Effect
from emscontrol.record.replay import read_records, read_verified
from emscontrol.record.reports.blocks import Report, Table, Text, Weight
from emscontrol.record.reports.html import html
from emscontrol.record.reports.pdf import pdf
from emscontrol.record.reports.session_figures import figures
from emscontrol.record.reports.session_read import read_session
from emscontrol.record.reports.session_report import session_report
from emscontrol.record.reports.text import text
from emscontrol.record.sink import FileSink
from emscontrol.record.verify import verify
from tests.exports.sessions import ran
from tests.reports.reading import MADE, delivered, rows, section, words
from tests.reports.test_pdf import opened
from tests.unit.record.stations import GOLDEN, key, signer

NOT_KNOWN = "OUTPUT NOT KNOWN"
PULL = "pull its leads"
FIGURES = ("Peak, commanded of prescribed", "Time with current, commanded of prescribed", "Pulses, assumed", "Charge, assumed")
ALARMS = "Alarms, stops and pauses"
WITHHELD = "Refused, held back or changed"
Told = list[tuple[int, Event]]


def course(name: str = "p24", simulated: bool = False) -> Told:
    """What was recorded in a session, as if of a real stimulator."""
    told = [(record.t_us, record.event) for record in read_records(ran(name).lines)]
    return [(told[0][0], make("session_opened", **{**told[0][1].args, "simulated": simulated})), *told[1:]]


def lines_of(told: Iterable[tuple[int, Event]], number: int = 0) -> list[bytes]:
    """A journal of these, signed with the key of this number, 0 for none."""
    journal = Journal.in_memory(lambda: "2026-11-22T10:10:40.123+01:00", signer(number) if number else None)
    for t_us, event in told:
        journal.append(event, t_us)
    return list(journal.lines)


def place(told: Told, *kinds: str) -> int:
    return next(number for number, (_, event) in enumerate(told) if event.kind in kinds)


def with_more(told: Told, after: str, *more: Event) -> Told:
    at = place(told, after) + 1
    return [*told[:at], *((told[at - 1][0], event) for event in more), *told[at:]]


def reported(folder: Path, lines: Sequence[bytes], ring: KeyRing | None = None) -> Report:
    (folder / "one.jsonl").write_bytes(b"".join(lines))
    return session_report(folder / "one.jsonl", ring or KeyRing(), MADE)


def headlines(report: Report) -> list[str]:
    return [notice.headline for notice in report.notices]


@pytest.mark.parametrize("damaged", [3, 20, -1])
def test_one_damaged_byte_hides_no_current(tmp_path: Path, damaged: int) -> None:
    """Of a session that broke off with current on; its engine was killed in the middle of a contraction."""
    told = course()
    lines = lines_of(told[: place(told, "contraction_ended")])
    before = reported(tmp_path, lines)
    assert NOT_KNOWN in headlines(before)
    lines[damaged] = lines[damaged].replace(b'"t_us":', b'"t_us":1', 1)
    report = reported(tmp_path, lines)
    assert headlines(report)[0] == "RECORD NOT INTACT"
    (unknown,) = [notice for notice in report.notices if notice.headline == NOT_KNOWN]
    assert (unknown.weight, PULL in unknown.text) == (Weight.ALARM, True)
    for row in delivered(report):
        for figure in FIGURES:
            assert row[figure].startswith("at least ")
        assert row["Mean on plateau of all phases, commanded"] == "not known"
    assert "at least " in report.title
    assert "At least " in words(report)
    assert "Result: not known" in words(report)
    assert "No alarm" not in text(report)
    assert "Nothing was refused" not in text(report)
    assert "In the records that stand: no alarm, no stop by hand, no pause." in words(report)
    assert "In the records that stand: nothing was refused, held back" in words(report)


@pytest.mark.parametrize("after", ["contraction_started", "set_point"])
def test_the_contraction_in_which_a_record_stops_being_intact_never_tells_nothing(tmp_path: Path, after: str) -> None:
    told = course()
    lines, damaged = lines_of(told), place(told, after) + 1
    lines[damaged] = lines[damaged].replace(b'"t_us":', b'"t_us":1', 1)
    reported(tmp_path, lines)
    (row, *_) = rows(figures(read_session(tmp_path / "one.jsonl", KeyRing())))
    output: Any = told[place(told, "set_point")][1].args["outputs"]
    least = f"at least {output[0]['amplitude_ua'] / 1000:.1f} mA"
    assert row["Highest commanded"] == ("not known" if after == "contraction_started" else least)


def test_leads_are_to_be_pulled_where_somebody_has_them_on(tmp_path: Path) -> None:
    for simulated in (False, True):
        told = course(simulated=simulated)
        report = reported(tmp_path, lines_of(told[: place(told, "contraction_ended")]))
        (unknown,) = [notice for notice in report.notices if notice.headline == NOT_KNOWN]
        assert (PULL in unknown.text) is not simulated


def test_a_record_that_contradicts_itself_leaves_the_output_unknown(tmp_path: Path) -> None:
    lying = changed_totals(course(), lambda rows_: {channel: row | {"pulses": 7} for channel, row in rows_.items()})
    report = reported(tmp_path, lines_of(lying))
    assert report.notices[0].text.endswith("The totals do not agree with the lines. This report is of the lines.")
    (unknown,) = [notice for notice in report.notices if notice.headline == NOT_KNOWN]
    assert "contradicts itself" in unknown.text
    assert "at least" not in report.title, "all of its lines stand"


def test_current_that_is_measured_after_the_stop_is_not_called_zero(tmp_path: Path) -> None:
    told = course("reference")
    assert NOT_KNOWN not in headlines(reported(tmp_path, lines_of(told)))
    measured = make("measured", channel=1, amplitude_ua=16_000, set_ua=0, pulses=5)
    assert NOT_KNOWN in headlines(reported(tmp_path, lines_of(with_more(told, "stop_confirmed", measured))))


# -- whose it is -------------------------------------------------------------------------------------------------------


def ring(number: int, distrusted: bool = False) -> KeyRing:
    public = key(number)[0]
    told = (Distrust(public, "2026-11-20T10:00:00+01:00", "laptop stolen"),) if distrusted else ()
    return KeyRing((PublicKey(public, "Room 1", "2026-11-01"),), told)


@pytest.mark.parametrize(
    ("number", "known", "headline", "weight", "told"),
    [
        (1, ring(1, distrusted=True), "KEY NOT TRUSTED", Weight.ALARM, "whoever has the key can sign another with any date"),
        (1, KeyRing(distrusts=ring(1, distrusted=True).distrusts), "KEY NOT TRUSTED", Weight.ALARM, "laptop stolen"),
        (1, ring(2), "UNKNOWN KEY", Weight.CAUTION, "signed with a key that is not known here"),
        (0, ring(1), "NOT SIGNED", Weight.CAUTION, "is not signed: anybody could have made it"),
    ],
)
def test_whose_a_record_may_be_stands_at_the_top(
    tmp_path: Path, number: int, known: KeyRing, headline: str, weight: Weight, told: str
) -> None:
    (notice,) = reported(tmp_path, lines_of(course(), number), known).notices
    assert (notice.headline, notice.weight, told in notice.text) == (headline, weight, True)


def test_a_record_of_a_key_that_is_known_needs_no_notice(tmp_path: Path) -> None:
    assert reported(tmp_path, lines_of(course(), 1), ring(1)).notices == ()


def test_an_end_that_is_not_signed_is_told_at_the_top(tmp_path: Path) -> None:
    told = course()
    lines = lines_of(told[: place(told, "contraction_ended")], 1)
    signed_to = max(number for number, line in enumerate(lines, 1) if b'"sig":' in line)
    (notice,) = [each for each in reported(tmp_path, lines, ring(1)).notices if each.headline == "END NOT SIGNED"]
    assert (
        notice.weight,
        f"record {signed_to}. What this report is of goes on for {len(lines) - signed_to} records" in notice.text,
    ) == (Weight.CAUTION, True)
    assert "END NOT SIGNED" not in headlines(reported(tmp_path, lines[:signed_to], ring(1)))


def test_a_simulation_says_so_in_its_title_and_at_the_foot(tmp_path: Path) -> None:
    for simulated in (True, False):
        report = reported(tmp_path, lines_of(course(simulated=simulated)))
        assert report.title.startswith("SIMULATION · Session") is simulated
        assert report.made.startswith("SIMULATION. Made") is simulated
        assert ("<title>SIMULATION" in html(report)) is simulated


def test_every_page_on_paper_says_that_it_was_a_simulation(tmp_path: Path) -> None:
    first, *rest = course(simulated=True)
    opening = make("session_opened", **{**first[1].args, "comfort": {str(number): 5_000 for number in range(1, 65)}})
    document = opened(pdf(reported(tmp_path, lines_of([(first[0], opening), *rest]))))
    assert len(document) > 1
    assert all("SIMULATION" in page.get_textpage().get_text_bounded() for page in document)
    assert document.get_metadata_dict()["Title"].startswith("SIMULATION")


def test_a_booking_is_the_second_record_and_no_later_one_for_every_reader(tmp_path: Path) -> None:
    """As a forger without the key would hang one on, and another for whom nobody booked."""
    true = course("p24 booked")
    forged = make("booked", **{**true[1][1].args, "patient": "P-999"})
    for told, patient in ((true, "P-17"), (course(), None)):
        report = reported(tmp_path, lines_of(with_more(told, "started", forged)))
        assert ("P-999" in report.title, patient is None or patient in report.title) == (False, True)
        assert open_journal(tmp_path / "one.jsonl").session.patient == patient
        assert booking(tmp_path / "one.jsonl")[1:] == ((patient,) if patient else ())


# -- what happened -----------------------------------------------------------------------------------------------------

REFUSED = make("refused_by_device", command="outputs", code=7, text="over-temperature", number=3)
CLIPPED = make("clipped", channel=1)


def test_alarms_that_are_told_in_groups_are_not_denied(tmp_path: Path) -> None:
    report = reported(tmp_path, lines_of(with_more(course(), "contraction_ended", REFUSED, REFUSED, REFUSED, CLIPPED)))
    (told,) = section(report, ALARMS)
    assert isinstance(told, Text)
    assert told.text == f"No other alarm, no stop by hand, no pause. 4 alarms: see “{WITHHELD}”."
    noise = make("link_noise", text="x")
    _, also = section(reported(tmp_path, lines_of(with_more(course(), "contraction_ended", noise, CLIPPED))), ALARMS)
    assert isinstance(also, Text)
    assert also.text == f"1 other alarm: see “{WITHHELD}”."


def test_the_gravest_that_was_refused_is_not_cut_off_by_what_came_before_it(tmp_path: Path) -> None:
    warned = [make("warned", rule="J_RMS", sentence=f"near {number}") for number in range(12)]
    changed = make("adjusted", channel=1, from_ua=10_000, to_ua=11_000)
    report = reported(tmp_path, lines_of(with_more(course(), "contraction_ended", changed, *warned, CLIPPED, REFUSED)))
    table, more = section(report, WITHHELD)
    assert isinstance(table, Table)
    assert rows(table)[0]["What"] == "refused"
    assert "changed" not in [row["What"] for row in rows(table)]
    assert isinstance(more, Text)
    assert more.text == "And 6 events more."


def test_what_was_clipped_was_held_back_and_not_only_warned_of(tmp_path: Path) -> None:
    report = reported(tmp_path, lines_of(with_more(course(), "contraction_ended", CLIPPED)))
    (table,) = section(report, WITHHELD)
    assert isinstance(table, Table)
    assert [row["What"] for row in rows(table)] == ["held back"]
    assert {kind: row.effect for kind, row in KINDS.items() if row.effect is Effect.WARNED} == {"warned": Effect.WARNED}


def test_commands_without_a_yes_are_counted(tmp_path: Path) -> None:
    uncertain = make("uncertain", command="outputs", text="silent", number=4)
    report = reported(tmp_path, lines_of(with_more(course(), "contraction_ended", REFUSED, REFUSED, uncertain)))
    assert "2 refused by it, 1 without an answer." in words(report)


def test_the_strongest_pull_is_told_and_not_the_last(tmp_path: Path) -> None:
    pulls = [make("body_answered", channel=1, force_mn=force_mn) for force_mn in (5_000, 90_000, 7_000)]
    report = reported(tmp_path, lines_of(with_more(course(simulated=True), "contraction_ended", *pulls)))
    assert "The simulated muscle of channel 1 pulled with up to 90.0 N." in words(report)


# -- totals ------------------------------------------------------------------------------------------------------------


def changed_totals(told: Told, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Told:
    def changed(event: Event) -> Event:
        rows_: Any = event.args["channels"]
        return make("totals", channels=change(rows_)) if event.kind == "totals" else event

    return [(t_us, changed(event)) if event.kind == "totals" else (t_us, event) for t_us, event in told]


def test_totals_that_could_not_be_held_against_the_lines_say_so(tmp_path: Path) -> None:
    told = course()
    failed = with_more(told, "contraction_started", make("journal_failed", text="disk full"))
    at = place(failed, "journal_failed")
    report = reported(tmp_path, lines_of([*failed[: at + 1], *failed[at + 9 :]]))
    why = "could not be held against its lines, because the record itself says that lines are missing in it"
    assert why in words(report)
    assert "could not be held" not in words(reported(tmp_path, lines_of(told)))
    old = session_report(GOLDEN / "format-1-p24.jsonl", KeyRing(), MADE)
    assert "could not be held against its lines, because a record of this old format" in words(old)


def test_figures_of_a_closed_record_without_totals_are_counted_here(tmp_path: Path) -> None:
    told = [each for each in course() if each[1].kind != "totals"]
    report = reported(tmp_path, lines_of(told))
    assert "Counted here from the records that stand" in words(report)
    assert {row["Pulses, assumed"] for row in delivered(report)} == {"300"}


def test_figures_that_cannot_be_counted_are_not_known_and_not_nothing(tmp_path: Path) -> None:
    """A record that lacks lines and has no totals."""
    told = [each for each in course() if each[1].kind != "totals"]
    report = reported(tmp_path, lines_of(with_more(told, "contraction_started", make("journal_failed", text="disk full"))))
    assert "The totals are not known" in words(report)
    for row in delivered(report):
        assert {row[figure].split(" of ")[0] for figure in FIGURES} == {"not known"}
    assert "contraction" not in report.title


def test_a_stop_ends_what_is_counted_though_the_record_goes_on(tmp_path: Path) -> None:
    told = course("reference stopped")
    at, ends_us = place(told, "stop_sent"), told[-1][0]
    began_us = told[place(told, "set_point")][0]
    report = reported(tmp_path, lines_of([*told[: at + 1], (told[at][0] + 60_000_000, make("stop_unconfirmed", text="?"))]))
    on_us = told[at][0] - began_us
    assert ends_us > began_us
    for row in delivered(report):
        minutes, seconds = row["Time with current, commanded of prescribed"].split(" of ")[0].split(":")
        assert int(minutes) * 60 + float(seconds) <= on_us / 1e6


def test_channels_that_no_stimulator_has_are_left_out_and_said(tmp_path: Path) -> None:
    told = course()
    comfort = {str(number): 5_000 for number in range(1, 3001)}
    first = make("session_opened", **{**told[0][1].args, "comfort": comfort})
    report = reported(tmp_path, lines_of([(told[0][0], first), *told[1:]]))
    assert len(delivered(report)) == 64
    assert "2936 channels more than any stimulator has" in words(report)
    many = changed_totals(told, lambda rows_: {str(number): rows_["1"] for number in range(1, 3001)})
    report = reported(tmp_path, lines_of(many))
    assert len(delivered(report)) == 64
    assert "3000 channels; no stimulator has so many." in words(report)


# -- while it is read --------------------------------------------------------------------------------------------------


def test_a_session_that_is_running_is_no_crash(tmp_path: Path) -> None:
    told = course()
    lines = lines_of(told[: place(told, "contraction_ended")])
    sink = FileSink(tmp_path / "running.jsonl")
    for line in lines:
        sink.write(line)
    report = session_report(sink.path, ring(1), MADE)
    assert "The session is running now; this is its record so far." in [notice.text for notice in report.notices]
    assert (NOT_KNOWN in headlines(report), "interrupted" in words(report), PULL in words(report)) == (False, False, False)
    assert report.title == "Session: running now, 2 of 4 contractions"
    assert "2 contractions begun on " in words(report)
    assert "cut short" not in report.title
    sink.write(lines[3])  # as nothing that is written by a session: now it is damaged too
    damaged = headlines(session_report(sink.path, ring(1), MADE))
    assert (damaged[0], damaged[1], NOT_KNOWN in damaged) == ("RECORD NOT INTACT", "RUNNING", True)
    sink.close()
    assert NOT_KNOWN in headlines(session_report(sink.path, ring(1), MADE))


def test_another_stimulator_that_answered_later_takes_the_place_of_none(tmp_path: Path) -> None:
    told = course()
    first = told[place(told, "connected")][1].args
    other = make("connected", **{**first, "serial": "4711", "firmware": "9"})
    said = words(reported(tmp_path, lines_of(with_more(told, "started", other, other))))
    assert f", firmware {first['firmware']}; then, serial number 4711, firmware 9" in said
    assert said.count("4711") == 1


def test_a_file_that_is_swapped_between_two_looks_is_found(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    told = course()
    path.write_bytes(b"".join(lines_of(told)))
    found = verify(path)
    assert len(list(read_verified(path, found.last_good, found.last_hash))) == len(told)
    path.write_bytes(b"".join(lines_of(told)[:-1]))
    with pytest.raises(JournalBroken, match="was changed while it was read"):
        list(read_verified(path, found.last_good, found.last_hash))
    other = changed_totals(told, lambda rows_: {channel: row | {"pulses": 7} for channel, row in rows_.items()})
    path.write_bytes(b"".join(lines_of(other)))
    with pytest.raises(JournalBroken, match="was changed while it was read"):
        list(read_verified(path, found.last_good, found.last_hash))
    assert json.loads(path.read_bytes().splitlines()[-1])["event"] == "session_ended"
