"""The way in. `--version` and `stop` answer before anything slow is imported."""

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from emscontrol import __version__

        print(f"emscontrol {__version__}")
        return 0
    if arguments[:1] == ["stop"]:
        from emscontrol.cli.stop import main as stop

        return stop(arguments[1:])
    from emscontrol.cli.app import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
