"""What a campaign costs: CPU time per session and per simulated second, and how long ten thousand sessions would take.

    .venv/bin/python bench/campaign.py [FIRST..LAST]

Plays the sessions of these seeds (1..150 when none are given) one after the other in this process, as a worker of
`emscontrol campaign` does, and says what the share of each part is: drawing a session (protocol, compiler, gate), playing it,
judging it. CPU time of this process; on a machine that is busy with something else it is too high by a tenth or two.
"""

import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parent.parent))

from emscontrol.trials.draw import draw
from emscontrol.trials.known import met
from emscontrol.trials.oracle.judge import judge
from emscontrol.trials.oracle.read import read
from emscontrol.trials.stage import Stage
from emscontrol.trials.workers import spare_garbage

SEEDS = "1..150"
RELEASE = 10_000
CORES = 2
AIM_S = 600


def main() -> None:
    first, _, last = (sys.argv[1] if len(sys.argv) > 1 else SEEDS).partition("..")
    seeds = range(int(first), int(last or first) + 1)
    parts = {"draw": 0.0, "play": 0.0, "judge": 0.0}
    simulated_us = violations = 0
    Stage(*draw(1)).play()  # whatever is imported and built on first use
    spare_garbage()
    for seed in seeds:
        times = [process_time()]
        trial, assembly = draw(seed)
        times.append(process_time())
        evidence = Stage(trial, assembly).play()
        times.append(process_time())
        case = read(evidence)
        violations += bool(judge(case).violations)
        met(case)
        times.append(process_time())
        for part, begin, end in zip(parts, times, times[1:], strict=False):
            parts[part] += end - begin
        simulated_us += evidence.ended_us
    tell(len(seeds), simulated_us / 1e6, parts, violations)


def tell(sessions: int, simulated_s: float, parts: dict[str, float], violations: int) -> None:
    """The figures in lines."""
    work_s = sum(parts.values())
    hours = f"{simulated_s / 3_600:.1f} simulated hours ({simulated_s / sessions:.0f} s on average)"
    print(f"{sessions} sessions, {hours}, {violations} with violations")
    shares = ", ".join(f"{name} {seconds / sessions * 1e3:.1f} ms" for name, seconds in parts.items())
    print(f"CPU per session {work_s / sessions * 1e3:.1f} ms: {shares}")
    print(f"CPU per simulated second {parts['play'] / simulated_s * 1e3:.2f} ms: {simulated_s / work_s:.0f} times real time")
    whole_s = work_s / sessions * RELEASE / CORES
    kept = "kept" if whole_s <= AIM_S else "not kept"
    print(f"--seeds 1..{RELEASE} on {CORES} cores: {whole_s / 60:.1f} min (aim: {AIM_S // 60} min, {kept})")


if __name__ == "__main__":
    main()
