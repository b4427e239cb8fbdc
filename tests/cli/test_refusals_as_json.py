"""With --json a refusal is a fact as well: one object on standard output, whoever says no."""

from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.cli.files import COMFORT, DOUBLETS, FAST, ONE_CHANNEL, QUICK

REFUSED = {
    "no protocol": (("run", "nowhere.yaml", *FAST, *COMFORT), 2, "does not exist"),
    "no level": (("run", QUICK, *FAST, "--comfort", "1=20"), 2, "--comfort is missing for channel 2"),
    "no figure": (("run", QUICK, *FAST, "--comfort", "1=20 mA"), 2, "is not CHANNEL=MA"),
    "no model": (("run", QUICK, "--device", "p25@sim", *COMFORT), 2, "is no stimulator"),
    "a misfit": (("run", DOUBLETS, *FAST, "--comfort", "1=20"), 1, "single pulses only"),
    "a rule": (("run", ONE_CHANNEL, *FAST, "--comfort", "1=140"), 1, "130"),
    "no port": (("run", QUICK, "--device", "p24@/dev/ttyNONE", *COMFORT), 4, "no port"),
    "a fault": (("run", QUICK, *FAST, *COMFORT, "--fault", "nonsense"), 2, "nonsense"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_run_prints_a_result_for_what_never_began(emscontrol: Command, why: str) -> None:
    words, code, reason = REFUSED[why]
    said = emscontrol(*words, "--json")
    assert said.code == code
    facts = said.facts
    assert list(facts) == ["result", "reason", "duration_s", "channels", "simulated", "output_unknown", "journal"]
    assert reason in facts.pop("reason")
    assert facts == {
        "result": "refused",
        "duration_s": 0,
        "channels": {},
        "simulated": "@/dev" not in " ".join(map(str, words)),
        "output_unknown": False,
        "journal": "",
    }
    assert reason in said.err
    plain = emscontrol(*words)
    assert (plain.code, plain.out) == (code, "")


def test_preview_prints_its_reasons(emscontrol: Command) -> None:
    said = emscontrol("preview", DOUBLETS, "--device", "p24", "--json")
    assert said.code == 1
    assert said.facts["refused"] is True
    assert "single pulses only" in " ".join(said.facts["reasons"])
    missing = emscontrol("preview", "nowhere.yaml", "--json")
    assert missing.code == 2
    assert list(missing.facts) == ["refused", "reasons"]
    assert len(missing.facts["reasons"]) == 1


def test_verify_prints_what_it_could_not_read(emscontrol: Command, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.jsonl", tmp_path):
        said = emscontrol("verify", path, "--json")
        assert said.code == said.facts["exit_code"] == 2
        assert said.facts["ok"] is False
        [(line, kind, sentence)] = said.facts["problems"]
        assert (line, kind) == (0, "unreadable")
        assert str(path) in sentence


def test_reasons_end_with_one_full_stop(emscontrol: Command) -> None:
    said = emscontrol("run", QUICK, *FAST, *COMFORT, "--fault", "dead_link@3")
    assert said.code == 4
    assert ".." not in said.out.replace("/..", "")
    facts = emscontrol("run", QUICK, *FAST, *COMFORT, "--fault", "dead_link@3", "--json").facts
    assert facts["reason"]
    assert not facts["reason"].endswith(".")
