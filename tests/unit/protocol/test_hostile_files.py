"""Malformed files of every kind: one clear message, under a second and 100 MB, nothing constructed (F67, F71, RC-06, RC-41)."""

import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.bounds import DEPTH_MAX, LINE_MAX, LINES_MAX, NODES_MAX, SIZE_MAX_BYTES
from emscontrol.protocol.load import load_file, load_text
from tests.unit.protocol.samples import GOOD, problems, the_problem

K = SIZE_MAX_BYTES


def _laughs() -> str:
    lines = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for above, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join(['*' + above] * 9)}]")
    return "\n".join(lines)


BOMBS: dict[str, Callable[[], str]] = {
    "billion laughs": _laughs,
    "nested lists": lambda: "[" * 2000 + "]" * 2000,
    "nested lists, a quarter of a megabyte": lambda: "[" * K,
    "nested lists in lines": lambda: "[\n" * (K // 2),
    "nested maps": lambda: "{a: " * 2000 + "1" + "}" * 2000,
    "nested dashes": lambda: "- " * (K // 2),
    "nested questions": lambda: "? " * (K // 2),
    "nested blocks": lambda: "".join(f"{' ' * level}a:\n" for level in range(600)),
    "commas": lambda: "[" + "a, " * (K // 3),
    "many keys": lambda: "".join(f"k{number}: 1\n" for number in range(K // 10)),
    "one key again": lambda: "a: b\n" * (K // 5),
    "long keys": lambda: "".join(f"{'x' * 900}{number}: 1\n" for number in range(280)),
    "unknown keys that look alike": lambda: GOOD + "".join(f"titl{number}: 1\n" for number in range(1800)),
    "one tag": lambda: "!" + "a" * (K - 1),
    "one anchor": lambda: "&" + "a" * (K - 1),
    "one word": lambda: "a: " + "x" * (K - 3),
    "words": lambda: "a:\n" + ("  " + "x " * 990 + "\n") * 130,
    "quoted words": lambda: 'a: "' + ("x " * 990 + "\n  ") * 130 + '"',
    "as many lines as may be": lambda: "a: |\n" + "  x\n" * (LINES_MAX - 2),
    "as many quoted lines as may be": lambda: 'a: "' + "x\n " * (LINES_MAX - 2) + '"',
    "folded words": lambda: "a: " + "x\n  " * (K // 4 - 1),
    "quoted lines": lambda: 'a: "' + "x\n " * (K // 3 - 2) + '"',
    "escapes": lambda: 'a: "' + ("\\u0041" * 300 + "\n ") * 140 + '"',
    "a block of text": lambda: "a: |\n" + "  x\n" * (K // 4 - 2),
    "empty lines": lambda: "\n" * K,
    "blanks": lambda: (" " * 1000 + "\n") * (K // 1001),
    "comments": lambda: "#\n" * (K // 2),
    "documents": lambda: "---\n" * (K // 4),
    "a long number": lambda: "revision: " + "9" * 5000,
    "long numbers": lambda: ("- " + "9" * 1900 + "\n") * 130,
    "almost exponents": lambda: ("- " + "1" * 60 + "x\n") * 3000,
    "a wide flow": lambda: GOOD.replace("[1]", "[" + ", ".join(["1"] * 600) + "]"),
    "a wide list of phases": lambda: GOOD + "  - 1\n" * 1800,
}


@contextmanager
def _bounded(seconds: float, megabytes: int) -> Iterator[None]:
    """Fail when the block takes more processor time, or more memory at its peak."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * 2**20, f"{peak / 2**20:.0f} MB"
    assert seconds


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_quickly(bomb: str) -> None:
    text = BOMBS[bomb]()
    assert len(text.encode()) <= SIZE_MAX_BYTES
    start = time.process_time()
    said = problems(text)
    spent = time.process_time() - start
    assert said
    assert all(line.startswith("f.yaml:") and len(line) < 600 for line in said)
    assert spent < 1, f"{spent:.2f} s"


@pytest.mark.parametrize("bomb", ["billion laughs", "many keys", "commas", "one word"])
def test_a_bomb_stays_small(bomb: str) -> None:
    text = BOMBS[bomb]()
    with _bounded(seconds=10, megabytes=100):
        problems(text)


def test_depth_and_number_of_values_are_limited_where_they_are_passed() -> None:
    deep = "a:\n" + "".join(f"{' ' * level}b:\n" for level in range(1, DEPTH_MAX + 2))
    assert f":{DEPTH_MAX + 1}:" in the_problem(deep)
    assert f"more than {DEPTH_MAX} levels" in the_problem(deep)
    assert f"more than {NODES_MAX} keys and values" in the_problem("".join(f"k{n}: 1\n" for n in range(NODES_MAX)))
    assert the_problem("#" + "x" * LINE_MAX + "\n" + GOOD).startswith(
        f"f.yaml:1:{LINE_MAX + 1}: found a line of {LINE_MAX + 1}"
    )


HIDDEN = {
    "NUL": ("\0", "U+0000"),
    "escape": ("\x1b[2J", "U+001B"),
    "bell": ("\a", "U+0007"),
    "C1 control": ("\x9b", "U+009B"),
    "next line": ("\x85", "U+0085"),
    "carriage return alone": ("\r", "U+000D"),
    "right-to-left override": ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
    "isolate": ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
    "right-to-left mark": ("\u200f", "U+200F RIGHT-TO-LEFT MARK"),
    "arabic letter mark": ("\u061c", "U+061C"),
    "zero width space": ("\u200b", "U+200B"),
    "byte order mark inside": ("\ufeff", "U+FEFF"),
    "line separator": ("\u2028", "U+2028"),
    "tag letter": ("\U000e0041", "U+E0041"),
    "surrogate": ("\udcff", "U+DCFF"),
}


@pytest.mark.parametrize("where", ["title: A", "# a", '"Nobody'])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_characters_that_hide_or_drive_terminals_are_refused(hidden: str, where: str) -> None:
    character, name = HIDDEN[hidden]
    text = GOOD.replace("format: 1", "format: 1 # a comment").replace(where, where + character, 1)
    said = the_problem(text)
    line = text[: text.index(character)].count("\n") + 1
    column = text.index(character) - text.rfind("\n", 0, text.index(character))
    assert said.startswith(f"f.yaml:{line}:{column}: found {name}")
    assert said.isprintable()


@pytest.mark.parametrize("escape", ["\\u202e", "\\0", "\\e[31m", "\\x9b", "\\u200b", "\\ud800", "\\L", "\\r", "\\b"])
def test_the_same_written_as_an_escape_is_refused(escape: str) -> None:
    said = the_problem(GOOD.replace("title: A sample", f'title: "A {escape}sample"'))
    assert said.startswith("f.yaml:3:8: ")
    assert "without control characters" in said
    assert said.isprintable()


def test_ordinary_writing_of_all_kinds_is_text() -> None:
    for title in ("Müllers Übung – 5 µs", "Коленный сустав", "膝関節", "تمرین می‌کنم", "ציור", "🦵 leg", "e\u0301"):
        assert problems(GOOD.replace("title: A sample", f"title: {title}")) == ()


def test_a_long_name_is_refused_and_not_repeated() -> None:
    said = the_problem(GOOD.replace("title: A sample", "title: " + "x" * 1900))
    assert len(said) < 250


def test_line_ends_of_windows_and_a_byte_order_mark_are_read() -> None:
    assert problems("\ufeff" + GOOD.replace("\n", "\r\n")) == ()
    said = the_problem("\ufeff" + GOOD.replace("revision: 3", "revision: x").replace("\n", "\r\n"))
    assert said.startswith("f.yaml:9:11: revision")


BYTES = {
    "empty": (b"", "1:1: found nothing but blank lines and comments"),
    "blank": (b" \n\n", "1: found nothing but blank lines and comments"),
    "comments": (b"# x\n# y\n", "found nothing but blank lines and comments"),
    "latin 1": (GOOD.replace("A sample", "Übung").encode("latin-1"), "3:8: found bytes that are not UTF-8"),
    "utf-16": (GOOD.encode("utf-16"), "1:1: found bytes that are not UTF-8"),
    "elf": (b"\x7fELF\x02\x01\x01\0\0", "U+007F"),
    "png": (b"\x89PNG\r\n\x1a\n", "1:1: found bytes that are not UTF-8"),
    "gzip": (b"\x1f\x8b\x08\0\0", "not UTF-8"),
    "json": (b'{"format": 1}', "missing"),
    "too large": (b"#" * (SIZE_MAX_BYTES + 1), f"found {SIZE_MAX_BYTES + 1} bytes; at most {SIZE_MAX_BYTES}"),
}


@pytest.mark.parametrize("kind", BYTES)
def test_bytes_that_are_no_protocol(kind: str, tmp_path: Path) -> None:
    data, words = BYTES[kind]
    path = tmp_path / "f.yaml"
    path.write_bytes(data)
    with pytest.raises(ProtocolFileError) as refused:
        load_file(path)
    assert any(words in line for line in refused.value.problems), refused.value.problems
    assert all(line.startswith(str(path)) for line in refused.value.problems)


def test_a_hundred_megabytes_are_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with _bounded(seconds=1, megabytes=1), pytest.raises(ProtocolFileError, match="104857600 bytes"):
        load_file(path)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a directory": (Path.mkdir, "is a directory"),
    "a pipe": (_fifo, "is no ordinary file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "is no ordinary file"),
    "a terminal": (lambda path: path.symlink_to("/dev/ptmx"), "is no ordinary file"),
    "absent": (lambda _: None, "does not exist"),
    "a dead link": (lambda path: path.symlink_to("/nowhere/at/all"), "does not exist"),
    "a circle": (_link_to_itself, "cannot be read"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="made of POSIX file types")
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_never_opened(kind: str, tmp_path: Path) -> None:
    make, words = NO_FILES[kind]
    path = tmp_path / "f.yaml"
    make(path)
    with pytest.raises(ProtocolFileError, match=words) as refused:
        load_file(path)
    assert len(refused.value.problems) == 1
    assert refused.value.remedy


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "a\x1b[31m\u202e.yaml", ""])
def test_impossible_names_are_refused_and_shown_safely(name: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolFileError) as refused:
        load_file(f"{tmp_path}/{name}")
    assert all(line.isprintable() for line in refused.value.problems)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0)
    mine = os.geteuid()
    try:
        if mine == 0:
            os.seteuid(65534)  # root reads everything, so the test steps down
        with pytest.raises(ProtocolFileError, match="may not be read by this user"):
            load_file(path)
    finally:
        os.seteuid(mine)


def test_a_loaded_protocol_carries_its_text_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    data = ("\ufeff" + GOOD.replace("\n", "\r\n")).encode()
    path.write_bytes(data)
    loaded = load_file(path)
    assert loaded.text.encode() == data
    digest = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
    assert loaded.sha256 == digest
    assert loaded.path == path
    assert load_text(loaded.text).sha256 == digest
    assert load_text(loaded.text).path is None
