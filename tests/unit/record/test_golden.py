"""Journals of every format, as real sessions left them, stay readable and say what they always said."""

import json
from hashlib import sha256

import pytest

from emscontrol.record.line import FORMATS
from emscontrol.record.replay import final_state, read_events
from emscontrol.record.verify import verify
from tests.unit.record.stations import GOLDEN, KNOWN_IN_GOLDEN

# file: SHA-256, format, records, closed, signed up to, totals checked
FILES = {
    "format-1-cut.jsonl": (
        "d8c263bcf695bc167da93aa2f5361ade604a80237fb904f0a840af52b4abb10b",
        1,
        60,
        False,
        0,
        False,
    ),
    "format-1-p24.jsonl": (
        "a0818826dd2a7fc74873a5fec18d7fb6502c6996b8257c7a620b0055c17dfba1",
        1,
        138,
        True,
        0,
        False,
    ),
    "format-1-reference.jsonl": (
        "abef80cff2c925baba38070a1c9465db14109ae3b074d51a4e908d328d48961d",
        1,
        31,
        True,
        0,
        False,
    ),
    "format-1-rehastim2.jsonl": (
        "9fb76b64e95ff4909810d5a38303d56063415b7afea87e9ea00359b4e8434b94",
        1,
        82,
        True,
        0,
        False,
    ),
    "format-2-cut.jsonl": (
        "86e25603e9e562954f393a8c63582a2b61afaaf458535404e1c5718cd150ad36",
        2,
        125,
        False,
        8,
        False,
    ),
    "format-2-p24.jsonl": (
        "4a076b8d2d2611ec995efc18d83b6f7384d53f8a53142ce501e135a7a1970776",
        2,
        138,
        True,
        138,
        True,
    ),
    "format-2-reference.jsonl": (
        "17dd587d74187b633866f45cf34d508b090e79709078931514a2e0550a67c61e",
        2,
        31,
        True,
        31,
        True,
    ),
    "format-2-rehastim2.jsonl": (
        "16ae61c58c2156f442646b360bd05a5c48d7f4deb7e84178a0d94b4855229b1a",
        2,
        82,
        True,
        82,
        True,
    ),
}


def test_there_is_one_of_each_format_that_can_be_read() -> None:
    assert set(FILES) == {path.name for path in GOLDEN.glob("*.jsonl")}
    assert {row[1] for row in FILES.values()} == FORMATS


@pytest.mark.parametrize("name", FILES)
def test_an_old_journal_says_what_it_always_said(name: str) -> None:
    digest, format_, records, closed, signed_to, checked = FILES[name]
    content = (GOLDEN / name).read_bytes()
    assert sha256(content).hexdigest() == digest, "a golden file is never made anew"
    report = verify(GOLDEN / name, KNOWN_IN_GOLDEN)
    assert json.loads(content.splitlines()[0])["format"] == format_
    assert (report.ok, report.lines, report.ended) == (True, records, closed)
    assert (report.signed_to, report.totals_checked) == (signed_to, checked)
    assert ("old format counts in another way" in report.totals_sentence()) == (format_ == 1 and closed)
    assert report.signature_sentence().startswith("Signed" if format_ > 1 else "Chained, not signed.")
    assert len(list(read_events(GOLDEN / name))) == records
    assert final_state(GOLDEN / name).result == ("completed" if closed else "")


@pytest.mark.parametrize("model", ["p24", "rehastim2", "reference"])
def test_both_formats_tell_the_same_of_the_same_session(model: str) -> None:
    old, new = (verify(GOLDEN / f"format-{number}-{model}.jsonl").totals for number in (1, 2))
    assert old.keys() == new.keys() == {1, 2}
    for channel, row in old.items():
        assert dict(row) == {figure: value for figure, value in new[channel].items() if figure != "plateau_ua"}
        assert new[channel]["plateau_ua"] == 16_000  # 0.8 of a comfort level of 20 mA, as the protocol asks
