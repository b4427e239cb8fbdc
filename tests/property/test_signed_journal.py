"""A real, signed journal: every change to a line of it is found, whoever made it, and an untouched one is never accused."""

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.clinic.sessions.read_journal import INTERRUPTED, read_journal
from emscontrol.core.errors import JournalBroken
from emscontrol.record.line import SIGNED
from emscontrol.record.replay import final_state
from emscontrol.record.verify import VerifyReport, verify, verify_lines
from tests.unit.record.sample import opened, session
from tests.unit.record.stations import GOLDEN, KNOWN_IN_GOLDEN, chained_anew, key, signature, signed_lines

REAL = GOLDEN / "format-2-p24.jsonl"
LINES = REAL.read_bytes().splitlines(keepends=True)
COUNT = len(LINES)
PLACES = range(COUNT)
INDEX = st.integers(0, COUNT - 1)
SIGNED_PLACES = [place for place, line in enumerate(LINES) if b',"sig":"' in line]
MINE, MY_SECRET = key(7)


def found(lines: list[bytes]) -> VerifyReport:
    """What verify says of a damage: never that the journal is whole."""
    report = verify_lines(lines, KNOWN_IN_GOLDEN)
    assert not (report.ok and report.ended), "damage not found"
    return report


def last_signed_before(place: int) -> int:
    """Number of the last signed record before this line."""
    return max((signed + 1 for signed in SIGNED_PLACES if signed < place), default=0)


def test_an_untouched_one_is_not_accused() -> None:
    report = verify(REAL, KNOWN_IN_GOLDEN)
    assert (report.ok, report.ended, report.problems, report.lines) == (True, True, (), COUNT)
    assert (report.signer, report.signed_to, report.totals_checked) == ("Golden", COUNT, True)


@pytest.mark.parametrize("place", PLACES)
def test_a_line_removed(place: int) -> None:
    report = found(LINES[:place] + LINES[place + 1 :])
    if place < COUNT - 1:
        assert (report.problems[0].kind, report.problems[0].line, report.last_good) == ("missing", place + 1, place)


@pytest.mark.parametrize("place", range(COUNT - 1))
def test_two_lines_swapped(place: int) -> None:
    report = found([*LINES[:place], LINES[place + 1], LINES[place], *LINES[place + 2 :]])
    assert (report.problems[0].kind, report.exit_code) == ("reordered", 3)


@pytest.mark.parametrize("place", PLACES)
def test_a_line_doubled(place: int) -> None:
    assert found([*LINES[: place + 1], LINES[place], *LINES[place + 1 :]]).problems[0].kind == "added"


@pytest.mark.parametrize("place", range(COUNT + 1))
def test_a_foreign_line_put_in(place: int) -> None:
    assert found([*LINES[:place], b'{"n":1}\n', *LINES[place:]]).exit_code == 3


@pytest.mark.parametrize("length", range(1, COUNT))
def test_cut_off_after_a_line(length: int) -> None:
    report = found(LINES[:length])
    assert (report.ok, report.ended, report.last_good) == (True, False, length)
    assert report.signed_to == last_signed_before(length)


@given(INDEX, st.data())
@settings(max_examples=300)
def test_a_byte_changed_removed_or_put_in(place: int, data: st.DataObject) -> None:
    line = LINES[place]
    at = data.draw(st.integers(0, len(line) - 1))
    old, new = data.draw(
        st.sampled_from(
            [
                (1, b""),
                (0, b" "),
                (0, b"0"),
                *((1, bytes([line[at] ^ 1 << bit])) for bit in range(8) if line[at] ^ 1 << bit != 10),
            ]
        )
    )
    changed = line[:at] + new + line[at + old :]
    report = found(b"".join([*LINES[:place], changed, *LINES[place + 1 :]]).splitlines(keepends=True))
    assert report.last_good <= place


@pytest.mark.parametrize("place", SIGNED_PLACES)
def test_each_byte_of_a_signature_counts(place: int) -> None:
    """Each of the first signature, and every seventh of the others."""
    line = LINES[place]
    for at in range(line.rindex(b',"sig":"'), len(line) - 1, 1 if place == SIGNED_PLACES[0] else 7):
        changed = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
        report = found([*LINES[:place], changed, *LINES[place + 1 :]])
        assert (report.exit_code, report.last_good) == (
            3,
            last_signed_before(place) if report.problems[0].kind == "signature" else place,
        )


@pytest.mark.parametrize("place", SIGNED_PLACES)
def test_a_signature_taken_away(place: int) -> None:
    line = LINES[place]
    report = found([*LINES[:place], line[: line.rindex(b',"sig":"')] + b"}\n", *LINES[place + 1 :]])
    assert report.problems[0][:2] == (place + 1, "signature")


@given(st.sampled_from([place for place in PLACES if place not in SIGNED_PLACES]), st.sampled_from(SIGNED_PLACES))
@settings(max_examples=50)
def test_a_signature_where_none_belongs(place: int, source: int) -> None:
    line, donor = LINES[place], LINES[source]
    report = found([*LINES[:place], line[:-2] + donor[donor.rindex(b',"sig":"') :], *LINES[place + 1 :]])
    assert report.problems[0].sentence == f"Record {place + 1} was changed: it bears a signature where none belongs."
    assert report.problems[0][:2] == (place + 1, "signature")


@pytest.mark.parametrize(
    ("first", "kind", "why"),
    [
        (b"", "missing", "Record 1 is missing."),
        (LINES[0].replace(b"p24", b"p25", 1), "changed", "Record 1 was changed: its hash does not match its content (line 1)."),
    ],
)
def test_without_the_record_that_names_the_key_no_signature_is_accused_and_no_signer_told(
    first: bytes, kind: str, why: str
) -> None:
    report = found([line for line in (first, *LINES[1:]) if line])
    assert report.problems == ((1, kind, why),)
    assert (report.last_good, report.signed_to, report.key) == (0, 0, "")
    assert report.signature_sentence() == "Who signed it is not known: not even its first record stands."


def test_a_wrong_file_and_one_that_was_copied_as_text_are_told_from_a_forgery() -> None:
    assert "it is no line of a journal" in found([b"# emscontrol\n"]).problems[0].sentence
    copied = found([line.replace(b"\n", b"\r\n") for line in LINES])
    assert (len(copied.problems), "carriage return" in copied.problems[0].sentence) == (COUNT, True)


@given(INDEX)
@settings(max_examples=60)
def test_whoever_computes_the_chain_anew_without_the_key_is_found_and_what_stands_is_said(place: int) -> None:
    forged = chained_anew([*LINES[:place], LINES[place].replace(b'"t_us":', b'"t_us":-', 1), *LINES[place + 1 :]])
    report = found(forged)
    assert {problem.kind for problem in report.problems} <= {"signature", "totals"}
    assert report.last_good == last_signed_before(place)


@pytest.mark.parametrize("name", [b"event", b"\\u0065vent"])
def test_a_record_that_is_one_to_the_chain_and_another_to_its_readers_is_damage(name: bytes) -> None:
    """Whoever has no key ends a session that broke off with current on, by records that only count as signed elsewhere."""
    wanted = [b'"event":"stop_sent"', b'"event":"stop_confirmed"', b'"event":"totals"', b'"event":"session_ended"']
    told = [next(line for line in LINES if event in line).partition(b',"hash"')[0] + b"}\n" for event in wanted]
    tail = [
        b'{"n":%d,' % number + line.partition(b",")[2].replace(b'"event":', b'"event":"acked","%b":' % name, number > 101)
        for number, line in enumerate(told, 101)
    ]
    forged = chained_anew([*LINES[:100], *tail])
    report = found(forged)
    assert [problem[:2] for problem in report.problems] == [(102, "changed"), (103, "changed"), (104, "changed")]
    assert "cannot be read in one way only" in report.problems[0].sentence
    assert (report.last_good, report.ended, report.totals_told) == (101, False, False)
    with pytest.raises(JournalBroken):
        final_state(forged)
    assert read_journal(b"".join(forged)).result == INTERRUPTED


def test_a_true_signature_after_a_damage_vouches_for_nothing_before_it() -> None:
    """Set points are written anew, the record after them is taken away, and the true rest follows with its signatures."""
    weaker = [line.replace(b'"amplitude_ua":16', b'"amplitude_ua":1') for line in LINES]
    forged = [*chained_anew(weaker[:71]), *LINES[72:]]
    report = found(forged)
    assert (forged[:7], forged[7:71] == LINES[7:71]) == (LINES[:7], False)
    assert [problem[:2] for problem in report.problems] == [(72, "missing")]
    assert (report.last_good, report.signed_to) == (71, last_signed_before(71)) == (71, 7)
    assert report.signature_sentence().endswith("what follows, up to record 71, is chained, not signed.")


@pytest.mark.parametrize(("place", "stands"), [(7, 7), (71, 70)])
def test_of_two_records_that_do_not_belong_together_the_first_stands_only_if_it_is_signed(place: int, stands: int) -> None:
    """A record that is chained to nothing: was it changed, or the one before it?"""
    body, prev = LINES[place].partition(b',"hash"')[0], b"5a" * 32
    body = body[: body.rindex(b'"') - 64] + prev + b'"'
    report = found([*LINES[:place], body + b',"hash":"%b"}\n' % sha256(body).hexdigest().encode(), *LINES[place + 1 :]])
    assert (place, "changed") in [problem[:2] for problem in report.problems]
    assert (report.last_good, report.signed_to) == (stands, 7)


def test_a_record_that_the_next_one_contradicts_counts_for_nothing() -> None:
    place = next(place for place, line in enumerate(LINES) if b'"amplitude_ua":16000' in line)
    stronger = chained_anew([*LINES[:place], LINES[place].replace(b'"amplitude_ua":16000', b'"amplitude_ua":99000')])[-1]
    report = found([*LINES[:place], stronger, *LINES[place + 1 :]])
    true = [row for line in LINES[:place] for row in json.loads(line).get("outputs", ()) if row["channel"] == 1]
    strongest = report.dose[0].figure("AMPLITUDE")
    assert strongest is not None
    assert (report.last_good, strongest.value) == (place, max(row["amplitude_ua"] for row in true))


def test_whoever_signs_it_anew_with_another_key_is_named() -> None:
    changed = [LINES[0], *(line.replace(b'"cause":"', b'"cause":"x', 1) for line in LINES[1:])]
    forged = chained_anew(changed, lambda digest, m: signature(MY_SECRET, digest) if m["event"] in SIGNED else "")
    report = verify_lines(forged, KNOWN_IN_GOLDEN | {MINE: "Next door"})
    assert report.problems[0].sentence.startswith("Record 1 was re-signed by another key (")
    assert "Next door" in report.problems[0].sentence
    assert {problem.kind for problem in report.problems} == {"signature"}
    assert report.last_good == 0


def test_a_whole_new_journal_under_another_key_is_of_a_station_that_is_not_known() -> None:
    golden = next(iter(KNOWN_IN_GOLDEN))
    changed = [LINES[0].replace(golden.encode(), MINE.encode()), *LINES[1:]]
    forged = chained_anew(changed, lambda digest, m: signature(MY_SECRET, digest) if m["event"] in SIGNED else "")
    report = verify_lines(forged, KNOWN_IN_GOLDEN)
    assert (report.ok, report.signer, report.key) == (True, "", MINE)
    assert "not known here" in report.signature_sentence()


def test_without_its_signatures_it_is_no_signed_journal() -> None:
    stripped = chained_anew(LINES, lambda digest, members: "")
    report = found(stripped)
    assert len(report.problems) == len(SIGNED_PLACES)
    unnamed = chained_anew([LINES[0].replace(b',"key":"' + next(iter(KNOWN_IN_GOLDEN)).encode() + b'"', b"", 1), *LINES[1:]])
    assert found(unnamed).problems[0].kind == "signature"  # it bears signatures and names no key


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        ("pulses", "pulses"),
        ("contractions", "contractions"),
        ("peak_ua", "peak"),
        ("plateau_ua", "plateau"),
        ("charge_pc", "pC"),
        ("on_us", "µs"),
    ],
)
def test_totals_that_do_not_agree_with_the_lines_are_found_even_when_the_key_signed_them(figure: str, kind: str) -> None:
    place = next(place for place, line in enumerate(LINES) if b'"event":"totals"' in line)
    changed = LINES[place].replace(b'"%b":' % figure.encode(), b'"%b":1' % figure.encode(), 1)
    golden = next(iter(KNOWN_IN_GOLDEN))
    lines = [LINES[0].replace(golden.encode(), MINE.encode()), *LINES[1:place], changed, *LINES[place + 1 :]]
    forged = chained_anew(lines, lambda digest, m: signature(MY_SECRET, digest) if m["event"] in SIGNED else "")
    report = found(forged)
    assert [problem[:2] for problem in report.problems] == [(place + 1, "totals")]
    assert kind in report.problems[0].sentence
    assert report.totals_sentence() == "The totals do not agree with the lines."


def test_what_a_stolen_key_can_do_is_found_by_a_copy_of_the_last_hash_only() -> None:
    true, forged = signed_lines(session(5)), signed_lines([opened(comfort={"1": 1000}), *session(5)[1:]])
    reports = [verify_lines(lines) for lines in (true, forged)]
    assert all(report.ok and report.ended for report in reports)
    assert reports[0].last_hash != reports[1].last_hash
