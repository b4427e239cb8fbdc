"""What is meant where no stimulator is named: a simulated one that can do all that the field needs."""

from click.testing import CliRunner

from emscontrol.cli.preview import preview
from emscontrol.cli.run import run
from emscontrol.devices.registry import DEFAULT_MODEL, MODELS
from emscontrol.wiring.address import DEFAULT_DEVICE, parse_address


def test_the_default_is_the_simulated_reference_stimulator_and_the_first_on_offer() -> None:
    assert DEFAULT_DEVICE == "reference@sim"
    assert parse_address(DEFAULT_DEVICE).simulated
    assert next(iter(MODELS)) == DEFAULT_MODEL


def test_the_helps_name_it() -> None:
    assert "[default: reference@sim]" in " ".join(CliRunner().invoke(run, ["--help"]).output.split())
    assert "[default: reference]" in " ".join(CliRunner().invoke(preview, ["--help"]).output.split())
