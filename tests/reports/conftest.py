"""One browser for all pages, and sessions with their journals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emscontrol.record.keys import KeyRing
from emscontrol.record.reports.blocks import Report
from emscontrol.record.reports.session_report import session_report
from tests.exports.sessions import SESSIONS, ran
from tests.reports.browser import Browser, browser_or_skip
from tests.reports.reading import MADE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this run (of this worker, with several)."""
    running = browser_or_skip()
    yield running
    running.close()


@pytest.fixture(params=SESSIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def report(name: str, tmp_path: Path) -> Report:
    """The report of a simulated session."""
    return session_report(ran(name).write(tmp_path / "one.jsonl"), KeyRing(), MADE)
