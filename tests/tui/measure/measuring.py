"""The way to a measurement on the screen, with a real engine or with one in the test's own hands."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from textual.pilot import Pilot
from textual.widgets import Input, Select

from emscontrol.cli.app import cli
from emscontrol.session.spec import ProcedureSpec, SessionSpec
from emscontrol.tui import link
from emscontrol.tui.app import EmsApp
from emscontrol.tui.choices import Rehearsal
from emscontrol.tui.house import Errand, MeasureWanted
from emscontrol.tui.screens.bedside.measure import MeasureScreen
from emscontrol.tui.screens.bedside.measure_live import MeasuringScreen
from tests.tui.engine_stub import EngineStub, view
from tests.tui.house import press, settled
from tests.tui.stage import until

Words = dict[int, str]


async def opened(app: EmsApp, pilot: Pilot[None], code: str = "P-001", plan: int | None = 1, **fields: str) -> MeasureScreen:
    """The form, filled in."""
    app.rehearsal = Rehearsal(speed=8)
    app.wants(MeasureWanted(code, plan, 1))
    await settled(pilot)
    await until(pilot, lambda: app.screen.query("#asked-up_to"))
    for name, value in ({"up_to": "4", "step": "1", "fine": "1"} | fields).items():
        asked: Any = app.screen.query_one(f"#asked-{name}", Select if name in ("kind", "muscle", "side") else Input)
        asked.value = value
    await pilot.pause()
    assert isinstance(app.screen, MeasureScreen)
    return app.screen


async def measured(app: EmsApp, pilot: Pilot[None], words: Words, nothing: str = "n") -> MeasuringScreen:
    """From F5 on the form to the end of the steps; `words` is the key for each amplitude in µA, `nothing` for all others."""
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(app.screen, MeasuringScreen))
    live = app.screen
    assert isinstance(live, MeasuringScreen)
    await until(pilot, lambda: live.engine_state == "connected")
    await pilot.press("f5")
    await until(pilot, lambda: live.engine_state == "running")
    while live.engine_state == "running":
        question = live._view.get("question")
        if question is not None and question["open"]:
            before = (question["amplitude_ua"], question["width_us"])
            await pilot.press(words.get(question["amplitude_ua"], nothing) if question["amplitude_ua"] else "plus")
            await until(pilot, lambda before=before: moved_on(live, before), 5)
        await pilot.pause(0.02)
    await until(pilot, lambda: live.engine_state == "closed")
    return live


def moved_on(live: MeasuringScreen, before: tuple[int, int]) -> bool:
    """Whether another step is in hand, or none any more."""
    question = live._view.get("question")
    return live.engine_state != "running" or question is None or (question["amplitude_ua"], question["width_us"]) != before


async def found(app: EmsApp, pilot: Pilot[None]) -> None:
    """On to what was found."""
    await press(pilot, "f5")
    await until(pilot, lambda: app.screen.has_class("found"))


PROCEDURE = ProcedureSpec(
    kind="threshold",
    channel=1,
    muscle="quad_all",
    side="left",
    area_mm2=8890,
    up_to_ua=30_000,
    step_ua=1_000,
    fine_ua=500,
    widths_us=(400,),
    period_us=20_000,
)


def asked_view(
    state: str = "running", amplitude_ua: int = 5_000, open_: bool = True, held: bool = False, **changes: Any
) -> dict[str, Any]:
    """A view of a procedure with a question."""
    question = {
        "channel": 1,
        "width_us": 400,
        "amplitude_ua": amplitude_ua,
        "open": open_,
        "held": held,
        "words": {
            word: word
            for word in ("nothing", "felt", "contracts", "unfelt", "limit", "too-much", "up", "down", "again", "done")
        },
        "text": "channel 1",
    }
    row = {"label": "quad_all", "amplitude_ua": 0 if open_ else amplitude_ua, "target_ua": amplitude_ua, "cap_ua": 30_000}
    return view(state, channels={"1": row | {"pulses": 1, "contractions": 1}}, question=question, **changes)


async def stubbed(
    app: EmsApp, pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch, **changes: Any
) -> tuple[MeasuringScreen, EngineStub]:
    """A measurement that runs, by an engine in the test's own hands."""
    stub = EngineStub(monkeypatch)
    spec = SessionSpec("p24@sim", "", "", "", {}, journal="/j.jsonl", procedure=PROCEDURE.to_json())
    app.begin_session(Errand(spec, lambda _: None, screen=MeasuringScreen))
    stub.greet()
    stub.say(asked_view(**changes))
    await until(pilot, lambda: isinstance(app.screen, MeasuringScreen) and app.screen.engine_state != "starting")
    live = app.screen
    assert isinstance(live, MeasuringScreen)
    await pilot.pause()
    stub.listen()
    return live, stub


def journals(home: Path) -> list[Path]:
    """The records of this home."""
    return sorted((home / "sessions").glob("*.jsonl"))


@cache
def record_of(verb: str, *words: str) -> bytes:
    """The record of a measurement on a simulated body in virtual time, as the command line makes it."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "measured.jsonl"
        said = ("--device", "reference@sim", "--up-to", "40", "--speed", "max", "--journal", str(journal))
        done = CliRunner().invoke(cli, ["--home", folder, verb, *said, *words])
        assert done.exit_code == 0, done.output
        return journal.read_bytes()


def in_place_of_the_engine(monkeypatch: pytest.MonkeyPatch, verb: str, *words: str) -> EngineStub:
    """An engine that leaves this record; `through` ends it."""
    stub, content = EngineStub(monkeypatch), record_of(verb, *words)
    begin = link.start_engine

    def start(spec: SessionSpec, name: str) -> object:
        journal = Path(spec.journal)
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_bytes(content)
        return begin(spec, name)

    monkeypatch.setattr(link, "start_engine", start)
    return stub


async def through(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
    """From F5 on the form to what was found, with an engine that is over at once."""
    await pilot.press("f5")
    await until(pilot, lambda: app.road.sock is not None)
    stub.greet()
    stub.close_session()
    await until(pilot, lambda: isinstance(app.screen, MeasuringScreen) and app.screen.engine_state == "closed")
    await found(app, pilot)
