"""Records that were cut, changed, written by nobody of good will or of another kind: a report says so, and only what stands."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import make, printable
from emscontrol.record.journal import Journal
from emscontrol.record.keys import KeyRing, PublicKey
from emscontrol.record.replay import read_records
from emscontrol.record.reports.blocks import Chart, Facts, Report, Seal, Table
from emscontrol.record.reports.drawing import Ink, Stroke
from emscontrol.record.reports.html import html
from emscontrol.record.reports.session_report import session_report
from emscontrol.record.reports.text import text
from emscontrol.record.verify import verify
from tests.exports.sessions import ran
from tests.reports.reading import MADE, Elements, delivered, rows, section, words
from tests.session.patient import Bedside, Patient, curve_spec, threshold_spec
from tests.unit.record.sample import opened, session

GOLDEN = sorted((Path(__file__).parents[1] / "data" / "journals").glob("format-*.jsonl"))
HEALTHY = Patient()
BEGUN = "Contractions begun, commanded of prescribed"


def reported(folder: Path, content: bytes) -> Report:
    (folder / "one.jsonl").write_bytes(content)
    return session_report(folder / "one.jsonl", KeyRing(), MADE)


def begun(lines: list[bytes], channel: int) -> int:
    """Contractions of a channel, counted in the lines as anybody can; none before it was given current."""
    if not any(b'"set_point"' in line for line in lines):
        return 0
    told = [json.loads(line) for line in lines if b'"contraction_started"' in line]
    return sum(channel in each["channels"] for each in told)


def flows(lines: list[bytes]) -> bool:
    """Whether the last command that the lines hold was for current, with no zero confirmed after it."""
    told = [json.loads(line) for line in lines]
    zeros = {each["number"] for each in told if each["event"] == "set_point" and not each["outputs"]}
    for each in reversed(told):
        if each["event"] == "stop_confirmed" or (each["event"] == "acked" and each["number"] in zeros):
            return False
        if each["event"] == "set_point" and each["outputs"]:
            return True
    return False


@given(st.data())
@settings(max_examples=10)
def test_a_record_that_breaks_off_is_told_up_to_there(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = list(ran(data.draw(st.sampled_from(["p24", "reference", "p24 electrode off"]))).lines)
    kept = whole[: data.draw(st.integers(1, len(whole) - 1))]
    torn = whole[len(kept)][: data.draw(st.integers(0, 60))]
    report = reported(tmp_path_factory.mktemp("cut"), b"".join(kept) + torn)
    assert f"Intact but not closed: {len(kept)} records" in words(report)
    assert "no end in the record" in report.title
    for channel, row in enumerate(delivered(report), start=1):
        assert row[BEGUN] == f"{begun(kept, channel)} of 2"
    headlines = [notice.headline for notice in report.notices]
    assert ("OUTPUT NOT KNOWN" in headlines) == flows(kept)
    (seal,) = [block for block in section(report, "Is this record as it was written?") if isinstance(block, Seal)]
    assert seal.digest == json.loads(kept[-1])["hash"]


@given(st.data())
@settings(max_examples=10)
def test_of_a_record_that_was_changed_only_what_stands_is_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = list(ran("p24").lines)
    place = data.draw(st.integers(1, len(whole) - 1))
    whole[place] = whole[place].replace(b'"t_us":', b'"t_us":1', 1)
    report = reported(tmp_path_factory.mktemp("bad"), b"".join(whole))
    assert "RECORD NOT INTACT" in [notice.headline for notice in report.notices]
    assert f"fits up to record {place}." in words(report)
    assert report.title.startswith("SIMULATION · Session: the record is not intact, at least ")
    for channel, row in enumerate(delivered(report), start=1):
        assert row[BEGUN] == f"at least {begun(whole[:place], channel)} of 2"
    chart = [block for block in section(report, "Over time") if isinstance(block, Chart)] if place > 20 else []
    lines = [m for each in chart for m in each.drawing.marks if isinstance(m, Stroke) and m.ink is Ink.FIRST]
    assert len(lines) == 3 * len(chart)  # two lanes, and the key


def test_totals_that_the_lines_do_not_add_up_to_are_not_told(tmp_path: Path) -> None:
    """As whoever has the key could write them: the chain is whole, the closing record lies."""
    journal = Journal.in_memory()
    for record in read_records(ran("p24").lines):
        event = record.event
        if event.kind == "totals":
            rows_: Any = event.args["channels"]
            event = make("totals", channels={channel: row | {"pulses": 7, "peak_ua": 90_000} for channel, row in rows_.items()})
        journal.append(event, record.t_us)
    report = reported(tmp_path, b"".join(journal.lines))
    assert "The totals do not agree with the lines." in words(report)
    assert {(row["Pulses, assumed"], row["Peak, commanded of prescribed"]) for row in delivered(report)} == {
        ("300", "16.0 of 16.0 mA")
    }
    assert "Counted here from the records that stand" in words(report)


def test_where_not_even_the_first_record_stands_there_is_no_report(tmp_path: Path) -> None:
    lines = list(ran("p24").lines)
    for content in (b"", b"nonsense\n", lines[0].replace(b"p24", b"p25", 1) + b"".join(lines[1:]), b"".join(lines[1:])):
        with pytest.raises(JournalBroken, match="not even its first record"):
            reported(tmp_path, content)


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_records_of_every_format_are_reported(file: Path) -> None:
    report = session_report(file, KeyRing(), MADE)
    old, closed = "format-1" in file.name, "cut" not in file.name
    plateau = {row.get("Mean on plateau of all phases, commanded", "no contraction") for row in delivered(report)}
    assert plateau == {"not known"} if old and closed else "not known" not in plateau
    assert ("Intact and closed" in words(report)) == closed
    totals = verify(file).totals
    assert [row["Pulses, assumed"] for row in delivered(report)] == [str(row["pulses"]) for _, row in sorted(totals.items())]


def test_who_signed_it_is_named_where_the_key_is_known(tmp_path: Path) -> None:
    signed = next(file for file in GOLDEN if file.name == "format-2-p24.jsonl")
    key = json.loads(signed.read_bytes().splitlines()[0])["key"]
    assert "of Room 1." in words(session_report(signed, KeyRing((PublicKey(key, "Room 1", "2026-11-22"),)), MADE))
    assert "which is not known here" in words(session_report(signed, KeyRing(), MADE))


def test_a_curve_is_drawn_from_the_words_of_the_record(tmp_path: Path) -> None:
    bed = (
        Bedside(curve_spec(widths_us=(200, 500, 1000)))
        .to_running()
        .play(lambda level, width: HEALTHY.word(level, width, goes_on=True))
    )
    report = reported(tmp_path, b"".join(bed.journal.lines))
    found = section(report, "Found")
    chart = found[0]
    assert isinstance(chart, Chart)
    for row in rows(chart.table):
        width_us = int(row["Pulse width"].split()[0]) * (1000 if row["Pulse width"].endswith("ms") else 1)
        below, at = (float(row[head].split()[0]) for head in ("Highest step without it", "Commanded"))
        assert below < HEALTHY.motor_ma(width_us) <= at
    markers = [mark for mark in chart.drawing.marks if isinstance(mark, Stroke) and mark.fill is Ink.FIRST]
    assert len(markers) == 3 + 1  # and the key
    assert "innervated" in words(report)
    assert "rectus femoris, left, 45.0 cm²" in delivered(report)[0]["Channel, electrodes"]


def test_thresholds_are_told_with_the_step_below_them(tmp_path: Path) -> None:
    bed = Bedside(threshold_spec()).to_running().play(HEALTHY.word)
    table = section(reported(tmp_path, b"".join(bed.journal.lines)), "Found")[0]
    assert isinstance(table, Table)
    for row, true_ma in zip(rows(table)[:2], (7.333, 17.95), strict=True):
        assert float(row["Highest step without it"].split()[0]) < true_ma <= float(row["Commanded"].split()[0])
    assert [row["Threshold"] for row in rows(table)] == ["sensory", "motor", "comfort"]
    said = [json.loads(line) for line in bed.journal.lines if b'"too-much"' in line]
    assert [row["Too much at"] for row in rows(table)] == ["", "", f"{min(each['amplitude_ua'] for each in said) / 1000} mA"]


def test_a_measurement_counts_steps_and_does_not_contradict_itself(tmp_path: Path) -> None:
    bed = Bedside(threshold_spec(up_to_ua=6_000)).to_running().play(HEALTHY.word)
    report = reported(tmp_path, b"".join(bed.journal.lines))
    given = sum(b'"event":"asked"' in line for line in bed.journal.lines)
    assert delivered(report)[0]["Steps, commanded"] == str(given)
    told = words(report)
    assert f"; {given} steps." in told
    assert "contractions on all channels" not in told
    assert "charge and densities are not known" not in told
    assert "mC" in delivered(report)[0]["Charge, assumed"]
    found = section(report, "Found")[0]
    assert isinstance(found, Table)
    assert "Too much at" not in found.header  # nothing was


def test_a_measurement_that_came_to_nothing_says_so(tmp_path: Path) -> None:
    lines = Bedside(threshold_spec()).to_running().journal.lines
    assert "the procedure did not come so far" in words(reported(tmp_path, b"".join(lines)))


HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        "<script>alert(1)</script>", "</td><img src=http://x/y>", "&lt;&amp;", "]]>", "<!--", '" onload="x', "<b>", "<para>",
        "\x00\x1b[31m", "\u202egnirts", "\u2066\u2069", "\ud800", "\ufffe", "\u2028", "a" * 400, "中文 Ж א", "{}%s\\n", "<font",
        "<a href='javascript:1'>", "<svg/onload=1>", "&#x41;", "é\u0301\u0301", "-->", "<style>*{}</style>", "\r\n\t",
    ]
)  # fmt: skip


def hostile(text_: str, channels: int = 1) -> bytes:
    """A journal in which every text that can be chosen is this one; of so many channels only the first is stimulated."""
    journal = Journal.in_memory()
    places = {str(n): {"muscle": text_, "side": text_, "area_mm2": 4500, "electrode_set": 1} for n in range(1, channels + 1)}
    events: list[Any] = [
        opened(protocol_id=text_, port=text_, versions={"emscontrol": text_}, capabilities={"name": text_}),
        make(
            "booked", book=text_, patient=text_, plan=1, appointment=1, number=1, staff=text_, contractions=1,
            channels=places, screening=text_,
        ),
        make("connected", model=text_, serial=text_, firmware=text_, protocol_version=text_),
        make("electrode_checked", channel=1, ohm=None, text=text_),
        make("phase_started", name=text_, index=1, of=1),
        *session()[4:8],
        make("warned", rule=text_, sentence=text_),
        make("stop_unconfirmed", text=text_),
        make("body_said", channel=1, text=text_, word="nothing"),
        make("session_ended", result="fault", reason=text_, duration_us=0),
    ]  # fmt: skip
    for number, event in enumerate(events):
        journal.append(event, number * 100_000)
    return b"".join(journal.lines)


HOLDS = "html head body header main footer section div h1 h2 p strong dl dt dd table caption thead tbody tr th td figure svg"
ELEMENTS = {
    *HOLDS.split(" "),
    "meta",
    "title",
    "style",
    "desc",
    "polyline",
    "polygon",
    "rect",
    "text",
    "details",
    "summary",
    "wbr",
}
OF_PAGE = "lang charset http-equiv content name class id role scope aria-labelledby open"
OF_DRAWING = (
    "xmlns viewbox width height font-family points fill stroke stroke-width stroke-dasharray stroke-linejoin x y"
    " shape-rendering font-size text-anchor transform"
)
ATTRIBUTES = {*OF_PAGE.split(" "), *OF_DRAWING.split(" ")}


@given(HOSTILE)
@settings(max_examples=20)
def test_what_somebody_wrote_is_text_and_nothing_else(tmp_path_factory: pytest.TempPathFactory, wrote: str) -> None:
    report = reported(tmp_path_factory.mktemp("x"), hostile(wrote))
    page = Elements(html(report))
    assert {tag for tag, _ in page.found} <= ELEMENTS
    assert {name for _, attributes in page.found for name in attributes} <= ATTRIBUTES
    assert all(c.isprintable() or c == "\n" for c in page.text)
    shown = printable(wrote)[:40]
    assert shown in page.text
    plain = text(report)
    assert all(c.isprintable() or c == "\n" for c in plain)
    facts = section(report, "Session")[0]
    assert isinstance(facts, Facts)
    assert dict(facts.rows)["Patient"].startswith(wrote[:40] or "not known")
