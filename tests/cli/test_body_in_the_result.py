"""What `run --body` says at the end: how hard the muscle pulled, and that it hurt."""

from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.cli.files import ROOT

ACL = str(ROOT / "protocols" / "acl-high-rate.yaml")


@pytest.mark.parametrize(("comfort", "hurts"), [("1=20", False), ("1=40", True)])
def test_pain_is_in_the_result_and_not_only_in_the_record(
    emscontrol: Command, tmp_path: Path, comfort: str, hurts: bool
) -> None:
    """Pain begins at 35 mA at 300 µs (physiology sheet 2.2), earlier with wider pulses; 20 mA are far below."""
    asked = ("run", ACL, "--comfort", comfort, "--body", "healthy", "--speed", "max")
    facts = emscontrol(*asked, "--journal", tmp_path / "a.jsonl", "--json").facts
    assert (facts["channels"]["1"]["cries"] > 0) is hurts
    assert ("IT HURT" in emscontrol(*asked, "--journal", tmp_path / "b.jsonl").out) is hurts
