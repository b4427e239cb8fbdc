"""An engine process that says nothing that can be understood, or refuses and stays: whoever started it is told, always."""

import os
from pathlib import Path

import pytest

from emscontrol.core.errors import LinkBusy, StorageError
from emscontrol.session import handle
from emscontrol.session.spec import SessionSpec

REFUSED = '{"refused": {"exit_code": 4, "what": "The port is in use.", "remedy": "Close the other program."}}'


def start(home: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Start an engine that is this program."""
    (home / "strange_engine.py").write_text(f"import sys, time\nsys.stdin.readline()\n{program}\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{home}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setattr(handle, "ENGINE_MODULE", "strange_engine")
    monkeypatch.setattr(handle, "START_S", 3.0)
    spec = SessionSpec(
        device="p24@sim", protocol="", protocol_text="", sha256="", comfort_ua={}, journal=str(home / "j"), home=str(home)
    )
    handle.start_engine(spec, "a test")


@pytest.mark.parametrize("line", ["5", "{}", '{"ready": {"pid": 1}}', '{"ready": 5}', "Traceback", ""])
def test_an_answer_that_is_none_is_told_as_an_engine_that_did_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    with pytest.raises(StorageError, match="did not start") as told:
        start(tmp_path, monkeypatch, f"print({line!r}, flush=True)")
    assert "engine.log" in told.value.remedy


def test_an_engine_that_refuses_and_stays_is_put_away_and_its_refusal_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LinkBusy, match="The port is in use"):
        start(tmp_path, monkeypatch, f"print({REFUSED!r}, flush=True)\ntime.sleep(60)")
