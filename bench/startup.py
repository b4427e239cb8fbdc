"""How long `emscontrol --version` takes beside a bare interpreter. Aim: under 3 times as long (medians, alternating)."""

import statistics
import subprocess
import sys
import time

RUNS = 25
AIM = 3.0
BARE = [sys.executable, "-c", "pass"]
VERSION = [sys.executable, "-m", "emscontrol", "--version"]


def timed_ms(command: list[str]) -> float:
    """Wall time (ms) of one run of a command."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1_000


def main() -> None:
    """Print both medians and their ratio."""
    timed_ms(VERSION)
    pairs = [(timed_ms(BARE), timed_ms(VERSION)) for _ in range(RUNS)]
    bare_ms, version_ms = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = version_ms / bare_ms
    print(f"bare interpreter {bare_ms:6.1f} ms")
    verdict = "reached" if ratio < AIM else "NOT reached"
    print(f"emscontrol --version {version_ms:6.1f} ms, {ratio:.2f} × (aim: under {AIM:g} ×): {verdict}")


if __name__ == "__main__":
    main()
