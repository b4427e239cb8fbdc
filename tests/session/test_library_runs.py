"""Every protocol of the library on the models that can run it: the oscilloscope sees what the preview announced."""

import os
import re
from pathlib import Path

import pytest

from emscontrol.core.errors import DeviceMisfit
from emscontrol.devices.registry import profile
from emscontrol.program.predict import totals
from emscontrol.protocol.load import LoadedProtocol, load_file, load_text
from emscontrol.wiring.examine import examine, example_patient
from tests.session.rig import MODELS, Rig

LIBRARY = sorted((Path(__file__).parents[2] / "protocols").glob("*.yaml"))

# from the sheets: a RehaStim 2 makes symmetric pulses only; the P24's train repeats one pulse
IMPOSSIBLE = {
    ("icu-six-channels", "rehastim2"): "symmetric",
    ("sci-quadriceps-doublets", "p24"): "burst",
    ("denervated-tibialis-triangular", "p24"): "not declared",
    ("denervated-tibialis-triangular", "rehastim2"): "not declared",
    ("denervated-quadriceps-twitches", "p24"): "not declared",
    ("denervated-quadriceps-twitches", "rehastim2"): "not declared",
}


PHASE_AT_MOST = {"contractions": 15, "duration_s": 120}
WHOLE = ("foot-drop-strengthening", "sci-gluteal-pressure-relief", "icu-quadriceps-short")
"""A long session on each model, played to its end in every run."""


def is_run(file: Path, model: str) -> bool:
    """One model each, in turn, and whatever is impossible; all of them with EMS_EXPLORE=1.

    Any protocol on any model: tests/property/test_preview_is_true.py.
    """
    possible = [each for each in MODELS if (file.stem, each) not in IMPOSSIBLE]
    turn = possible[LIBRARY.index(file) % len(possible)]
    return bool(os.environ.get("EMS_EXPLORE")) or model == turn or model not in possible


def played(file: Path) -> LoadedProtocol:
    """The protocol with all its phases, of which a long one is cut short: what comes after two minutes of it is the same again.

    All of them whole with EMS_EXPLORE=1.
    """
    loaded = load_file(file)
    if os.environ.get("EMS_EXPLORE") or file.stem in WHOLE:
        return loaded
    cut = re.sub(
        r"^( +)(contractions|duration_s): (\d+)$",
        lambda found: f"{found[1]}{found[2]}: {min(int(found[3]), PHASE_AT_MOST[found[2]])}",
        loaded.text,
        flags=re.MULTILINE,
    )
    return load_text(cut, file.name)


def seen(rig: Rig, channel: int) -> list[tuple[int, int, int]]:
    """(amplitude µA, width µs, pulses) in order, neighbours that are alike joined, states without a pulse left out."""
    runs: list[tuple[int, int, int]] = []
    for stretch in rig.stretches(channel):
        if not stretch.pulses:
            continue
        if runs and runs[-1][:2] == (stretch.amplitude_ua, stretch.width_us):
            runs[-1] = (*runs[-1][:2], runs[-1][2] + stretch.pulses)
        else:
            runs.append((stretch.amplitude_ua, stretch.width_us, stretch.pulses))
    return runs


RUNS = [(file, model) for file in LIBRARY for model in MODELS if is_run(file, model)]


@pytest.mark.parametrize(("file", "model"), RUNS, ids=lambda value: value.stem if isinstance(value, Path) else value)
def test_the_scope_equals_the_preview(file: Path, model: str) -> None:
    loaded = played(file)
    patient = example_patient(loaded.protocol, profile(model))
    comfort_ua = {str(c): p.comfort_ua for c, p in patient.items()}
    motor_ua = {str(c): p.motor_ua or 0 for c, p in patient.items()}
    if (file.stem, model) in IMPOSSIBLE:
        with pytest.raises(DeviceMisfit, match=IMPOSSIBLE[file.stem, model]):
            examine(loaded, model, comfort_ua, motor_ua)
        return
    announced = totals(examine(loaded, model, comfort_ua, motor_ua).program)
    rig = Rig(model, text=loaded.text, comfort_ua=comfort_ua, motor_ua=motor_ua)
    rig.to_armed().start().finish()
    assert rig.engine.result == "completed", rig.engine.reason
    for channel, total in announced.items():
        assert seen(rig, channel) == [(run.amplitude_ua, run.width_us, run.pulses) for run in total.runs]
        believed = rig.engine.totals()[str(channel)]
        assert believed["pulses"] == total.pulses
        assert believed["charge_pc"] == total.charge_pc
        assert believed["contractions"] == total.contractions


def test_a_protocol_that_is_cut_short_keeps_its_phases() -> None:
    for file in LIBRARY:
        whole, cut = load_file(file).protocol, played(file).protocol
        assert cut.channels == whole.channels
        assert [(p.name, p.contract, p.groups) for p in cut.phases] == [(p.name, p.contract, p.groups) for p in whole.phases]
