"""What a person meets at the edges of the command line: files that cannot be read, ranges, addresses."""

import os
import sys

import pytest

from tests.cli.command import USAGE, Command
from tests.cli.files import COMFORT, FAST, ONE_CHANNEL, QUICK
from tests.pty.rig import short_folder


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_file_without_permission_is_one_line_and_the_others_are_checked(emscontrol: Command) -> None:
    with short_folder() as folder:
        folder.chmod(0o755)
        locked, readable = folder / "locked.yaml", folder / "readable.yaml"
        for file, mode in ((locked, 0), (readable, 0o644)):
            file.write_text(QUICK.read_text("utf-8"), "utf-8")
            file.chmod(mode)
        emscontrol("check", readable)  # everything is imported before the rights are given up
        mine = os.geteuid()
        try:
            if mine == 0:
                os.seteuid(65534)  # root reads everything, so the test steps down
            said = emscontrol("check", readable, locked, readable)
            alone = {verb: emscontrol(verb, locked) for verb in ("check", "preview")}
            alone["run"] = emscontrol("run", locked, *FAST, *COMFORT)
        finally:
            os.seteuid(mine)
    assert said.code == USAGE
    assert said.out.count("file is well formed") == 2
    [line] = said.err.splitlines()
    assert line.startswith(f"{locked}: may not be read by this user.")
    for verb, told in alone.items():
        assert (verb, told.code, told.out, told.err) == (verb, USAGE, "", said.err)


@pytest.mark.parametrize("path", ["nowhere.yaml", "."])
def test_advice_is_printed_once(emscontrol: Command, path: str) -> None:
    said = emscontrol("check", path, ONE_CHANNEL)
    assert said.code == USAGE
    assert said.err.count("Give the path of a protocol file") == 1
    assert "possible" in said.out


@pytest.mark.parametrize(("watchdog", "code"), [("0", USAGE), ("3600001", USAGE), ("-5", USAGE), ("1", 4), ("3600000", 0)])
def test_the_watchdog_has_the_range_that_it_has_in_emssim(emscontrol: Command, watchdog: str, code: int) -> None:
    said = emscontrol("run", QUICK, *FAST, *COMFORT, "--watchdog-ms", watchdog)
    assert said.code == code, said.err
    if code == USAGE:
        assert "--watchdog-ms" in said.err


def test_an_address_without_a_port_is_wrong_usage(emscontrol: Command) -> None:
    said = emscontrol("run", QUICK, "--device", "p24@socket://127.0.0.1", *COMFORT)
    assert (said.code, said.out) == (USAGE, "")
    assert "socket://HOST:PORT" in said.err
