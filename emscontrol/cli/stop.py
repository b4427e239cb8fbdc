"""`emscontrol stop`: stop whatever this user's engines are doing. Standard library only, so that it starts at once."""

import argparse
import json
import os
import sys

from emscontrol.core.errors import EmsError, ExitCode
from emscontrol.session.handle import running_engines, stop_engines


def main(arguments: list[str]) -> int:
    """Returns 0 when every engine confirmed zero (or none runs), 4 when one did not."""
    parser = argparse.ArgumentParser(prog="emscontrol stop", description="Stop whatever this user's engines are doing.")
    parser.add_argument("--home", default="", help="folder for everything that emscontrol keeps")
    parser.add_argument("--json", action="store_true", help="print facts as JSON")
    options = parser.parse_args(arguments)
    try:
        engines = running_engines(options.home)
    except EmsError as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return int(problem.exit_code)
    outcomes = {str(pid): said for pid, said in stop_engines(engines, f"emscontrol stop, process {os.getpid()}").items()}
    if options.json:
        print(json.dumps({"engines": outcomes}))  # noqa: T201
    elif not outcomes:
        print("No engine is running.")  # noqa: T201
    for engine in engines:
        _tell(engine.device, engine.pid, outcomes[str(engine.pid)], quiet=options.json)
    return int(ExitCode.DEVICE if "unconfirmed" in outcomes.values() else ExitCode.FINE)


def _tell(device: str, pid: int, outcome: str, quiet: bool) -> None:
    if outcome == "unconfirmed":
        text = (
            f"*** {device} (engine {pid}): THE STOP WAS NOT CONFIRMED. OUTPUT UNKNOWN. Pull the leads off the stimulator now."
        )
        print(text, file=sys.stderr)  # noqa: T201
    elif not quiet:
        print(f"{device} (engine {pid}): {outcome}.")  # noqa: T201
