"""--body on the command lines: what is listed, what is refused, what a practice session shows and writes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from emscontrol.session.spec import SessionSpec
from firmware_sim.__main__ import cli as emssim
from firmware_sim.body.library import names
from firmware_sim.bystander import Bystander
from firmware_sim.output import OutputStage
from tests.cli.command import USAGE, Command

ROOT = Path(__file__).parents[3]
PROTOCOL = str(ROOT / "protocols" / "acl-quadriceps.yaml")
LEVELS = ("--comfort", "1=40", "--comfort", "2=35")


def asked(device: str, folder: Path, body: object) -> tuple[object, ...]:
    """The words of a command line."""
    return ("run", PROTOCOL, "--device", device, *LEVELS, "--speed", "max", "--journal", folder / "j.jsonl", "--body", body)


def test_the_list_of_bodies() -> None:
    listed = CliRunner().invoke(emssim, ["bodies"])
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.output.splitlines()] == names()


def test_a_session_on_a_body_of_a_file(emscontrol: Command, tmp_path: Path) -> None:
    """Tiny pads on thick skin: the stimulator takes them for open and says so."""
    (tmp_path / "own.yaml").write_text("about: Me.\nskin: {pads: 0.1, resistance: 10}\n", "utf-8")
    done = emscontrol(*asked("p24@sim", tmp_path, tmp_path / "own.yaml"))
    assert done.code != 0
    assert "electrode" in done.out + done.err


@pytest.mark.parametrize(
    ("device", "body", "sentence"),
    [
        ("p24@sim", "nobody", "no body is called 'nobody'; there are conus, "),
        ("p24@sim", "missing.yaml", "cannot be read"),
        ("p24@/dev/ttyNONE", "healthy", "--body belongs to simulators, and p24@/dev/ttyNONE is a real one"),
        ("p24", "healthy", "Write p24@sim for the simulator"),
    ],
)
def test_what_run_refuses(emscontrol: Command, tmp_path: Path, device: str, body: str, sentence: str) -> None:
    refused = emscontrol(*asked(device, tmp_path, body))
    assert refused.code == USAGE
    assert sentence in refused.err
    assert not (tmp_path / "j.jsonl").exists()


def test_the_body_travels_to_the_engine() -> None:
    spec = SessionSpec("p24@sim", "{}", "", "", {}, body="stroke")
    assert SessionSpec.from_json(spec.to_json()).body == "stroke"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--body", "nobody"), "no body is called 'nobody'; there are conus, "),
        (("--body-record", "x.jsonl"), "a body record needs a body"),
        (("--body", "healthy", "--body-record", "/no/such/folder/x"), "cannot write /no/such/folder/x"),
    ],
)
def test_what_emssim_refuses(arguments: tuple[str, ...], sentence: str) -> None:
    refused = CliRunner().invoke(emssim, ["serve", "p24", *arguments])
    assert refused.exit_code == 2
    assert sentence in refused.output


def test_a_bystander_passes_on_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    bystander = Bystander.beside("healthy", 3, None)
    assert bystander is not None
    stage = OutputStage(1)
    stage.connect(bystander.patient)
    stage.set_train(1, 0, 10_000, 300, 20_000)
    stage.deliver(1, 1, 0)
    bystander.patient.advance(20_000)
    bystander.leave()
    assert capsys.readouterr().err.splitlines() == [
        "healthy: A healthy adult; sensation, nerves and skin intact. (seed 3)",
        "channel 1: It tingles.",
    ]


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_emssim_serves_a_person_and_writes_the_record_down(tmp_path: Path) -> None:
    record = tmp_path / "body.jsonl"
    arguments = [sys.executable, "-m", "firmware_sim", "serve", "p24", "--body", "stroke", "--body-record", str(record)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as served:
        assert served.stdout is not None
        assert served.stdout.readline().startswith("/dev/")
        served.send_signal(signal.SIGTERM)
        _, said = served.communicate(timeout=20)
    assert served.returncode == 0
    assert said.startswith("stroke: Arm or leg after a stroke")
    assert [json.loads(line) for line in record.read_text("utf-8").splitlines()] == []
