"""Journals of simulated sessions."""

from pathlib import Path

import pytest

from tests.exports.sessions import SESSIONS, ran


@pytest.fixture(params=SESSIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def journal(tmp_path: Path, name: str) -> Path:
    return ran(name).write(tmp_path / "one.jsonl")
