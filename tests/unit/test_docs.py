"""The pages are true: what the README shows is what comes, what a page names exists, and every link leads somewhere."""

import ast
import io
import json
import re
import shlex
import shutil
from functools import cache
from pathlib import Path

import pytest

from emscontrol.__main__ import main
from emscontrol.cli.app import VERBS
from emscontrol.cli.keys import STOP_KEYS as COMMAND_LINE_KEYS
from emscontrol.cli.outcome import Outcome
from emscontrol.core.errors import ExitCode
from emscontrol.devices.registry import MODELS, profile
from emscontrol.safety.sites import described_site, known_muscles
from emscontrol.tui.keyboard import STOP_KEYS
from tests.unit.test_safety_md import resolve

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for page in ROOT.rglob("*.md") if not any(part.startswith(".") for part in page.relative_to(ROOT).parts))
README = (ROOT / "README.md").read_text(encoding="utf-8")
GAP = "…"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# -- the README's commands ---------------------------------------------------------------------------------------------------


def shown() -> list[tuple[str, list[str]]]:
    """(command line, lines it prints) of everything after a `$` in the README's console blocks."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def typed_into(command: str) -> tuple[str, str]:
    """What `echo … |` gives a command on its standard input, and the command itself."""
    said, pipe, rest = command.partition(" | ")
    return (said.removeprefix("echo ") + "\n", rest) if pipe and said.startswith("echo ") else ("", command)


def as_shown(printed: list[str], expected: list[str]) -> bool:
    """Whether these lines are the expected ones; `…` in a line stands for any text, `…` alone for any lines."""
    pattern = "".join("(?:.*\n)*" if line == GAP else ".*".join(map(re.escape, line.split(GAP))) + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def test_every_command_prints_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "protocols", tmp_path / "protocols")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EMSCONTROL_HOME", str(tmp_path / "home"))
    for command, expected in shown():
        line, _, code = command.partition("  # exit code ")
        typed, line = typed_into(line)
        monkeypatch.setattr("sys.argv", shlex.split(line))
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert main() == int(code or 0), command
        printed = capsys.readouterr().out.splitlines()
        assert as_shown(printed, expected), f"{command}\nprints\n" + "\n".join(printed[:40])
    assert (tmp_path / "first.csv").is_file()


def test_every_verb_has_an_example() -> None:
    assert {shlex.split(typed_into(command)[1])[1] for command, _ in shown()} == set(VERBS)


def test_every_exit_code_is_explained() -> None:
    section = README.partition("## Exit codes")[2].partition("## ")[0]
    codes = [int(code) for row in re.findall(r"^\| ([0-9, ]+) \|", section, re.MULTILINE) for code in row.split(",")]
    assert codes == [*map(int, ExitCode), 130, 143, 129, 148]


def test_every_key_of_the_result_is_explained() -> None:
    section = text_of(ROOT / "docs" / "command-line.md").partition("## The result of `run --json`")[2].partition("## ")[0]
    totals = {"1": {"pulses": 1, "contractions": 1, "peak_ua": 1, "charge_pc": 1}}
    result = json.loads(Outcome("completed", "", 0, totals, "").to_json())
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(result)
    for key in result["channels"]["1"]:
        assert f"`{key}`" in section


def test_every_stop_key_of_the_screen_is_named() -> None:
    row = next(line for line in README.splitlines() if line.startswith("| session screen |"))
    for key in STOP_KEYS:
        assert key.words in row


def test_the_stop_keys_of_the_command_line_are_those_that_are_named_and_all_of_the_screens() -> None:
    row = next(line for line in README.splitlines() if line.startswith("| `emscontrol run`"))
    keys = re.split(r", | or ", row.split("|")[2].strip())
    assert keys == list(COMMAND_LINE_KEYS)
    for key in STOP_KEYS:
        assert key.words in keys
        assert key.byte is None or bytes([key.byte]) in COMMAND_LINE_KEYS[key.words]


def test_the_watchdogs_are_those_of_the_devices() -> None:
    words = " ".join(README.split())
    for name, model in MODELS.items():
        assert f"{profile(name).capabilities.watchdog_us / 1e6:.1f} s on a {model.name.removeprefix('HASOMED ')}" in words


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len(README.splitlines()) < 220


# -- what pages name ---------------------------------------------------------------------------------------------------------


@cache
def defined_in(file: Path) -> frozenset[str]:
    """Functions, classes, `Class.method` and assigned names of a file."""
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{item.name}" for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return frozenset(found)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_function_and_file_that_a_page_names_exists(page: Path) -> None:
    spoken = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    for path in set(re.findall(r"`((?:emscontrol|firmware_sim)(?:\.\w+)+)`", spoken)):
        try:
            resolve(path)
        except (AttributeError, ModuleNotFoundError) as problem:
            pytest.fail(f"{named(page)}: {path}: {problem}")
    for path, name in set(
        re.findall(r"`((?:emscontrol|firmware_sim|tests|bench|docs|protocols)/[\w./-]*)(?:::([\w.]+))?`", spoken)
    ):
        assert (ROOT / path).exists(), f"{named(page)}: there is no {path}"
        assert not name or name in defined_in(ROOT / path), f"{named(page)}: no {name} in {path}"


def test_the_life_of_a_pulse_is_followed_through_every_folder() -> None:
    life = text_of(ROOT / "docs" / "overview.md").partition("## The life of one pulse")[2]
    names = re.findall(r"`((?:emscontrol|firmware_sim)[\w./:]*)`", life)
    for folder in (
        "cli",
        "tui",
        "wiring",
        "session",
        "devices",
        "record",
        "program",
        "transport",
        "protocol",
        "safety",
        "core",
    ):
        assert any(re.match(rf"emscontrol[./]{folder}[./]", name) for name in names), folder
    assert any(name.startswith("firmware_sim") for name in names)


def test_every_folder_of_the_program_has_its_question() -> None:
    house = text_of(ROOT / "docs" / "overview.md").partition("## Processes")[0]
    for folder in (ROOT / "emscontrol").iterdir():
        assert not (folder / "__init__.py").exists() or f"| `emscontrol/{folder.name}/` |" in house


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{named(page)}: nothing at {target}"


def test_every_decision_is_numbered_listed_and_has_its_three_parts() -> None:
    folder = ROOT / "docs" / "decisions"
    files = sorted(folder.glob("[0-9]*.md"))
    assert [file.name[:4] for file in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]
    index = text_of(folder / "README.md")
    for file in files:
        title, *_ = text_of(file).splitlines()
        assert f"| [{file.name[:4]}]({file.name}) | {title.removeprefix(f'# {file.name[:4]} ')} |" in index
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert text_of(file).count(part) == 1, f"{file.name}: {part}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_machine_or_a_package_index(page: Path) -> None:
    assert not re.search(r"pypi|/work/|/root/|/home/\w", text_of(page), re.IGNORECASE)


def test_the_page_of_muscles_has_every_muscle_with_its_cap() -> None:
    page = (ROOT / "docs" / "muscles.md").read_text(encoding="utf-8")
    for muscle in known_muscles():
        site = described_site(muscle)
        cap = "not offered" if site.refused or not site.cap_ma else str(site.cap_ma)
        assert f"| `{muscle}` | {site.name} | {site.region} | {cap} |" in page
