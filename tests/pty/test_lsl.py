"""`emscontrol lsl` beside a session of real processes: what an inlet reads, against the record, and that it only watches.

Everything stays on this machine: the streams are found and read at 127.0.0.1 only.
"""

import json
import math
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from emscontrol.core.events import make
from emscontrol.protocol.load import load_file
from emscontrol.protocol.travel import to_line
from emscontrol.session.endpoint import Endpoint
from emscontrol.session.handle import EngineHandle, start_engine
from emscontrol.session.markers import CHANNELS, markers_of
from emscontrol.session.messages import event_line, hello_line
from emscontrol.session.runtime import runtime_folder
from emscontrol.session.spec import SessionSpec
from tests.pty.rig import CHANNELS as USED
from tests.pty.rig import EMSCONTROL, PLATEAU_UA, PROTOCOL, short_folder
from tests.pty.scope import Oscilloscope
from tests.pty.waiting import LIMIT_S, now_us, wait_for

LOOPBACK = """
[ports]
IPv6 = disable
[multicast]
ResolveScope = machine
AddressesOverride = {{127.0.0.1}}
ListenAddress = 127.0.0.1
Interfaces = {{127.0.0.1}}
[lab]
KnownPeers = {{127.0.0.1}}
SessionID = emscontrol-{pid}
[log]
level = -2
"""
AT_PLATEAU = [PLATEAU_UA / 1000] * USED + [0.0] * (CHANNELS - USED)
GOES_ON_US = 300_000
NAMES = ("emscontrol-markers", "emscontrol-stimulation")


@dataclass
class Heard:
    """What came of a session that was watched twice: killed in its midst, and joined from there to the end."""

    first: list[tuple[str, float]]
    first_levels: list[tuple[list[float], float]]
    second: list[tuple[str, float]]
    second_levels: list[tuple[list[float], float]]
    killed_us: int
    current_until_us: int
    codes: tuple[int, int]
    said: str
    records: list[dict[str, Any]]
    descriptions: list[str]
    sources: set[str]


@pytest.fixture(scope="module")
def lsl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """pylsl, bound to this machine before it is loaded."""
    file = tmp_path_factory.mktemp("lsl") / "lsl_api.cfg"
    file.write_text(LOOPBACK.format(pid=os.getpid()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSLAPICFG", str(file))
        import pylsl

        pylsl.local_clock()  # reads the settings
        yield pylsl


def inlets(pylsl: Any) -> tuple[Any, Any]:
    """Both streams, open."""
    found = []
    for name in NAMES:
        stream = wait_for(lambda name=name: pylsl.resolve_byprop("name", name, 1, 1.0), f"the stream {name}")[0]  # type: ignore[misc]
        found.append(pylsl.StreamInlet(stream, recover=False))
        found[-1].open_stream(LIMIT_S)
    return found[0], found[1]


def pulled(pylsl: Any, inlet: Any, whole: Callable[[list[Any]], bool]) -> list[tuple[Any, float]]:
    """What comes until `whole` says that it is all."""
    samples: list[tuple[Any, float]] = []

    def more() -> bool:
        try:
            sample, at_s = inlet.pull_sample(0.05)
        except pylsl.util.LostError:  # its outlet is gone, and what had come has been read
            return True
        if sample is not None:
            samples.append((sample, at_s))
        return sample is None and whole([sample for sample, _ in samples])

    wait_for(more, "all that was sent")
    return samples


def watching(home: Path, *options: str) -> "subprocess.Popen[str]":
    command = [*EMSCONTROL, "--home", str(home), "lsl", *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


class Operator(Thread):
    """Runs a session and keeps its lease."""

    def __init__(self, engine: EngineHandle) -> None:
        super().__init__(daemon=True)
        self.engine = engine
        self.told: list[dict[str, Any]] = []

    def run(self) -> None:
        while not self.engine.gone:
            self.engine.beat()
            self.told += self.engine.messages(0.2)

    def wait(self, kind: str, **args: Any) -> None:
        """Until the engine has told this event."""
        wait_for(lambda: any(m.get("event") == kind and args.items() <= m["args"].items() for m in list(self.told)), kind)

    def start_session(self) -> None:
        """Each step when the one before is done."""
        for verb, state in (("connect", "connected"), ("arm", "armed"), ("start", "running")):
            self.engine.say(verb)
            self.wait("state_changed", to_state=state)


def spec(folder: Path) -> SessionSpec:
    """On a simulator within the engine."""
    loaded = load_file(PROTOCOL)
    return SessionSpec(
        device="p24@sim",
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua={"1": 20_000, "2": 20_000},
        home=str(folder),
        journal=str(folder / "journal.jsonl"),
        scope=str(folder / "scope.jsonl"),
    )


@pytest.fixture(scope="module")
def heard(lsl: Any) -> Heard:
    """One session for all tests."""
    with short_folder() as folder, ExitStack() as stack:
        first = watching(folder, "--wait")
        stack.callback(_away, first)
        marks, levels = inlets(lsl)
        engine = start_engine(spec(folder), "a test")
        stack.callback(engine.close)
        operator = Operator(engine)
        operator.start()
        # in the record, because it may have joined before the operator could hear of it
        wait_for(lambda: b'"role":"watcher"' in (folder / "journal.jsonl").read_bytes(), "the watcher joins")
        operator.start_session()
        from_first = (
            texts(pulled(lsl, marks, lambda told: ["contraction/begin/ch2"] in told)),
            pulled(lsl, levels, lambda told: told[-1:] == [AT_PLATEAU]),
        )
        first.kill()
        killed_us = now_us()
        second = watching(folder)
        stack.callback(_away, second)
        marks, levels = inlets(lsl)
        descriptions = [inlet.info(LIMIT_S).as_xml() for inlet in (marks, levels)]
        sources = {inlet.info(LIMIT_S).source_id() for inlet in (marks, levels)}
        engine.say("stop")
        over = lambda _: second.poll() is not None  # noqa: E731
        from_second = texts(pulled(lsl, marks, over)), pulled(lsl, levels, over)
        said = second.communicate(timeout=LIMIT_S)[1]
        operator.join(LIMIT_S)
        return Heard(
            *from_first,
            *from_second,
            killed_us,
            Oscilloscope(folder / "scope.jsonl").zero_us(),
            (first.wait(LIMIT_S), second.returncode),
            said,
            _records(folder / "journal.jsonl"),
            descriptions,
            sources,
        )


def texts(samples: list[tuple[Any, float]]) -> list[tuple[str, float]]:
    return [(sample[0], at_s) for sample, at_s in samples]


def _away(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


def _records(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text("utf-8").splitlines()]


def in_the_record(heard: Heard, begin_s: float, end_s: float) -> list[tuple[str, float]]:
    """The markers that the journal stands for, between two times."""
    return [
        (text, record["t_us"] / 1e6)
        for record in heard.records
        if begin_s <= record["t_us"] / 1e6 <= end_s
        for text in markers_of(record["event"], record)
    ]


def test_markers_are_the_events_of_the_record_at_their_own_times(heard: Heard) -> None:
    joined, *first = heard.first
    assert joined[0] == "session/joined/simulated"
    for told in (first, heard.second):  # who begins to listen later hears what comes from then on
        expected = in_the_record(heard, told[0][1] - 1e-6, told[-1][1] + 1e-6)
        assert [text for text, _ in told] == [text for text, _ in expected]
        assert max(abs(at_s - written_s) for (_, at_s), (_, written_s) in zip(told, expected, strict=True)) < 1e-6
    steps = ["state/connected", "state/armed", "state/running", "phase/1", "contraction/begin/ch1", "contraction/begin/ch2"]
    assert [text for text, _ in first if text in steps] == steps
    assert {"stop/sent", "stop/confirmed", "state/ended", "session/ended"} <= {text for text, _ in heard.second}


def test_levels_are_the_set_points_of_the_record(heard: Heard) -> None:
    set_points = [record for record in heard.records if record["event"] == "set_point"]
    for (levels, at_s), record in zip(heard.first_levels, set_points, strict=False):
        expected = {output["channel"]: output["amplitude_ua"] / 1000 for output in record["outputs"]}
        assert levels == [pytest.approx(expected.get(channel, 0)) for channel in range(1, CHANNELS + 1)]
        assert abs(at_s - record["t_us"] / 1e6) < 1e-6
    assert heard.first_levels[-1][0] == AT_PLATEAU
    assert heard.second_levels[-1][0] == [0] * CHANNELS


def test_a_watcher_that_is_killed_changes_nothing(heard: Heard) -> None:
    assert heard.current_until_us > heard.killed_us + GOES_ON_US
    after = [record["event"] for record in heard.records if record["t_us"] > heard.killed_us]
    assert after[0] == "client_joined", "the second watcher is the next thing that happens"
    assert not {"client_gone", "lease_lost", "tick_gap"} & set(after)
    assert heard.records[-1]["reason"] == "stopped by a test: asked for"


def test_it_ends_by_itself_with_the_session_and_says_what_it_offers(heard: Heard) -> None:
    assert heard.codes == (-9, 0)
    assert heard.said.endswith("The session is over: stopped.\n")
    assert len(heard.sources) == 2
    assert all("<simulated>yes</simulated>" in description for description in heard.descriptions)
    for description in heard.descriptions:
        assert "commanded, not measured" in description
        doubt_s = float(description.partition("<clock_doubt_s>")[2].partition("<")[0])
        assert 0 < doubt_s < 1e-3
    assert heard.descriptions[1].count("<unit>mA</unit>") == CHANNELS


def test_an_engine_that_is_gone_without_a_word_leaves_nothing_known(lsl: Any) -> None:
    """Played by the test, with current on channel 1 when it goes."""
    outputs = [{"channel": 1, "amplitude_ua": 16_000, "width_us": 300, "period_us": 30_000}]
    with short_folder() as folder, ExitStack() as stack:
        engine = Endpoint(runtime_folder(str(folder)), "p24@/dev/ttyACM0")
        stack.callback(engine.close)
        watcher = watching(folder)
        stack.callback(_away, watcher)
        engine.listener.setblocking(True)
        engine.listener.settimeout(LIMIT_S)
        connection, _ = engine.listener.accept()
        stack.callback(connection.close)
        connection.sendall(hello_line(1, "p24@/dev/ttyACM0", "journal.jsonl", simulated=False))
        marks, levels = inlets(lsl)
        assert "<simulated>no</simulated>" in levels.info(LIMIT_S).as_xml()
        connection.sendall(event_line(make("set_point", number=1, cause="program", outputs=outputs), now_us()))
        assert pulled(lsl, levels, bool)[-1][0] == [16.0] + [0.0] * (CHANNELS - 1)
        connection.close()
        told = pulled(lsl, marks, lambda told: ["session/unknown"] in told)
        [(last, _)] = pulled(lsl, levels, bool)
        assert (told[-1][0], all(map(math.isnan, last)), len(last)) == (["session/unknown"], True, CHANNELS)
        assert watcher.wait(LIMIT_S) == 4


def test_without_a_session_it_says_so(tmp_path: Path) -> None:
    command = [*EMSCONTROL, "--home", str(tmp_path), "lsl"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (said.returncode, said.stderr.splitlines()[0]) == (2, "No session is running.")
