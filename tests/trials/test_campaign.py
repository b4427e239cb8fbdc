"""The campaign itself: determinism, replay, the command line, and some hundreds of random sessions."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from emscontrol.cli.campaign import campaign
from emscontrol.core.errors import ExitCode, UsageError
from emscontrol.record.verify import verify
from emscontrol.trials.campaign import run_campaign
from emscontrol.trials.cluster import run_on_cluster
from emscontrol.trials.draw import draw, models
from emscontrol.trials.outcome import Outcome, run_seed
from emscontrol.trials.planted import bugs, hunt
from emscontrol.trials.planted.patch import Patch, planted
from emscontrol.trials.stage import Stage
from emscontrol.trials.summary import Summary
from firmware_sim.host_faults import HostKind

SESSIONS = int(os.environ.get("EMS_TRIALS", "80"))
MODELS = ("p24", "rehastim2")


def without_times(outcome: Outcome) -> tuple[object, ...]:
    return tuple(getattr(outcome, name) for name in Outcome.__slots__ if name != "took_s")


@pytest.mark.parametrize("first", range(1, SESSIONS, SESSIONS // 4))
def test_random_sessions_find_nothing(first: int) -> None:
    summary = Summary()
    for outcome in run_campaign(first, first + SESSIONS // 4 - 1, 1, MODELS):
        summary.add(outcome)
    assert summary.sessions == SESSIONS // 4
    assert not [(f.seed, f.violations) for f in summary.failures]


def test_a_seed_is_the_same_session_every_time() -> None:
    for seed in (3, 10, 17):
        one, other = (Stage(*draw(seed)).play() for _ in range(2))
        assert one.trial == other.trial
        assert list(one.journal) == list(other.journal)
        assert one.scope == other.scope


def test_seeds_differ_and_every_model_and_mishap_comes_up() -> None:
    trials = [draw(seed)[0] for seed in range(1, 120)]
    assert {trial.model for trial in trials} == set(models())
    assert {str(kind) for kind in HostKind if kind is not HostKind.HANG} <= {t for trial in trials for t in trial.troubles}
    assert len({trial.comfort_ua[next(iter(trial.comfort_ua))] for trial in trials}) > 3
    assert any(trial.calm for trial in trials)
    assert any(trial.body for trial in trials)


def test_processes_give_what_one_gives_in_the_same_order() -> None:
    alone = [without_times(outcome) for outcome in run_campaign(1, 5, 1, MODELS)]
    together = [without_times(outcome) for outcome in run_campaign(1, 5, 2, MODELS)]
    assert [row[0] for row in alone] == list(range(1, 6))
    assert alone == together


def test_one_command_replays_a_violation_and_keeps_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the driver's second phase too short, seed 1 on a P24 is found; the line that is printed finds it again."""
    bug = next(bug for bug in bugs.BUGS if bug.name == "phases not balanced")
    with planted(bug.patches):
        found = CliRunner().invoke(campaign, ["--seeds", "1..3", "--model", "p24", "--jobs", "1"])
        assert found.exit_code == ExitCode.REFUSED
        line = next(line for line in found.output.splitlines() if line.startswith("emscontrol campaign --seeds"))
        assert line == "emscontrol campaign --seeds 1..1 --model p24"
        again = CliRunner().invoke(campaign, [*line.split()[2:], "--keep", str(tmp_path)])
        assert again.exit_code == ExitCode.REFUSED
    kept = tmp_path / "seed-1"
    assert {file.name for file in kept.iterdir()} == {"protocol.yaml", "journal.jsonl", "scope.jsonl", "story.txt"}
    assert verify(kept / "journal.jsonl").ok
    assert "VIOLATION balance" in (kept / "story.txt").read_text(encoding="utf-8")


def test_the_summary_as_json(tmp_path: Path) -> None:
    told = CliRunner().invoke(campaign, ["--seeds", "1..6", "--json", "--jobs", "1", "--model", "rehastim2"])
    assert told.exit_code == ExitCode.FINE, told.output
    summary = json.loads(told.stdout)
    assert summary["sessions"] == 6
    assert summary["models"] == {"rehastim2": {"sessions": 6, "violations": 0}}
    assert all(row["max_ms"] <= row["bound_ms"] for row in summary["zero"])


@pytest.mark.parametrize("arguments", [["--seeds", "9..3"], ["--seeds", "x"], ["--model", "none"]])
def test_wrong_usage_is_said(arguments: list[str]) -> None:
    told = CliRunner().invoke(campaign, arguments)
    assert isinstance(told.exception, UsageError)


def test_without_dask_installed_the_option_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UsageError, match=r"emscontrol\[dask\]"):
        next(run_on_cluster(1, 2, "tcp://127.0.0.1:1"))


def test_an_exception_that_nobody_planted_is_found() -> None:
    broken = Patch("emscontrol.session.course:Course.wanted", lambda _original: lambda course, now_us: 1 // 0)
    with planted((broken,)):
        outcome = next(o for o in (run_seed(seed, MODELS) for seed in range(1, 9)) if o.violations)
    assert (outcome.violations[0][0], "zero") == ("no exception", "zero") or "no exception" in dict(outcome.violations)


def test_a_cluster_gives_what_one_process_gives() -> None:
    """With a real scheduler and worker of this machine, where Dask is installed."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        there = [without_times(outcome) for outcome in run_on_cluster(1, 5, cluster.scheduler_address, MODELS)]
    assert there == [without_times(outcome) for outcome in run_campaign(1, 5, 1, MODELS)]


@pytest.mark.parametrize("other", [["--seeds", "1..5"], ["--model", "p24"], ["--keep", "x"], ["--dask", "tcp://h:1"]])
def test_planted_takes_no_option_that_it_would_not_heed(other: list[str]) -> None:
    told = CliRunner().invoke(campaign, ["--planted", *other])
    assert isinstance(told.exception, UsageError)
    assert f"--planted and {other[0]} do not go together" in told.exception.what


def test_the_table_of_planted_bugs_has_headings_and_says_what_they_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [hunt.Caught("a bug", "all", "RC-01", 3206, 124, "plan", "."), hunt.Caught("other", "all", "RC-02", 0, 400, "", "")]
    monkeypatch.setattr(hunt, "hunt_all", lambda _jobs: (caught for caught in found))
    told = CliRunner().invoke(campaign, ["--planted"])
    assert told.exit_code == ExitCode.REFUSED
    lines = [line.split() for line in told.output.splitlines()]
    assert lines[0] == ["deliberate", "bug", "control", "first", "seed", "trials", "check", "that", "found", "it"]
    assert lines[1] == ["a", "bug", "RC-01", "3206", "124", "plan"]
    assert lines[2] == ["other", "RC-02", "MISSED", "400"]
    assert "sessions played until then" in told.output
    assert "1 of 2 deliberate bugs caught" in told.output
