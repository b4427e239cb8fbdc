"""An export without names of a real session of a real book: no name, code or date of the book is anywhere in it."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.clinic.clinic import MUSCLE, PULSE, Clinic
from tests.cli.clinic.test_run_booked import comes_today
from tests.exports.test_nameless import text_of

NAME = "Mustermann"
WORDS_OF_ALL = {"quad_all", "left", "completed", "comfort", "motor", "sensory", "reference", "stopped", "fault"}
"""What the book holds and everybody may know: muscles, sides, results, models."""


def kept_in(book: Path) -> tuple[set[str], set[str]]:
    """Every word and every day that stands in any table of the book."""
    words: set[str] = set()
    with closing(sqlite3.connect(book)) as opened:
        tables = [name for (name,) in opened.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for row in opened.execute(f'select * from "{table}"'):
                words |= {str(value) for value in row if isinstance(value, str) and len(value) >= 4}
    days = {day for word in words for day in re.findall(r"\b(?:19|20)\d\d-\d\d-\d\d\b", word)}
    codes = {word for word in words if re.fullmatch(r"[A-Za-z][A-Za-z0-9 -]*", word) and not re.fullmatch(r"[a-z_]+", word)}
    return codes | {"anna", "sofia", "sven", "rudi"}, days


def test_no_name_code_or_date_of_the_book_survives_in_any_format(busy: Clinic, tmp_path: Path) -> None:
    busy.now = datetime.now(UTC)
    busy.ok("staff", "login", "anna", "--pin-stdin", stdin="294715")
    busy.ok("patient", "name", "P-001", "--given", "Erika", "--family", NAME)
    busy.ok("screen", "ask", "P-001", "--all-no")
    busy.ok("patient", "muscle", "P-001", *MUSCLE, "--lmn", "intact", "--sensation", "normal", "--how", "pinprick")
    busy.ok("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, *PULSE)
    comes_today(busy)
    busy.ok("run", "--appointment", 1, "--patient", "P-001", "--speed", "max", "--body", "healthy")
    codes, days = kept_in(busy.home / "book.sqlite")
    assert {"P-001", "Test clinic", NAME} <= codes
    assert len(days) > 10
    plain = ("export", "--format", "jsonl", "--patient", "P-001", "--to", tmp_path / "plain")
    busy.ok(*plain)
    assert "P-001" in text_of(tmp_path / "plain")
    today = f"{busy.now:%d-%b-%Y}".upper()
    for kind in ("csv", "jsonl", "parquet", "edf", "bids", "fhir"):
        busy.ok("export", "--format", kind, "--patient", "P-001", "--anonymous", "--to", tmp_path / kind)
        told = text_of(tmp_path / kind)
        found = {code for code in codes - WORDS_OF_ALL if re.search(rf"(?<![A-Za-z0-9]){re.escape(code)}(?![A-Za-z0-9])", told)}
        assert not found, kind
        assert not {day for day in days if day in told}
        assert today not in told
        assert not {NAME, "Erika"} & set(re.findall(r"\w+", told))
        assert "acl-high-rate" not in told
