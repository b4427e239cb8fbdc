"""The tables of docs/faults.md, made from the tables that the simulators use."""

from collections.abc import Iterator, Sequence
from typing import Final

from firmware_sim.bounds import WATCHDOG_MS, bound
from firmware_sim.fault_matrix import MATRIX, NO_STOP, Row, ids_of
from firmware_sim.faults import KINDS, FaultKind, form
from firmware_sim.host_faults import HOST_KINDS
from firmware_sim.model_faults import CANNOT

SWITCHES: Final = "switches"
HOST: Final = "host"
MATRIX_TABLE: Final = "matrix"
REASONS: Final = "reasons"


def tables() -> dict[str, str]:
    """Each table of the page, by its name."""
    return {SWITCHES: _switches(), REASONS: _reasons(), HOST: _host(), MATRIX_TABLE: _matrix()}


def _switches() -> str:
    rows = []
    for kind, spec in KINDS.items():
        cannot = ", ".join(model for model, kinds in CANNOT.items() if kind in kinds)
        rows.append((f"`{form(kind)}`", _numbers(kind), spec.about, cannot, ", ".join(ids_of(kind))))
    return _table(("switch", "numbers", "what happens", "not on", "faults"), rows)


def _numbers(kind: FaultKind) -> str:
    spec = KINDS[kind]
    given = [argument for argument in (spec.argument, spec.second) if argument is not None]
    said = []
    for argument in given:
        usual = "" if argument.default is None else f" ({argument.default:,.10g})"
        said.append(f"{argument.low:,.10g} to {argument.high:,.10g}{usual}")
    return "; ".join(said)


def _reasons() -> str:
    rows = [(model, f"`{kind}`", reason) for model, kinds in CANNOT.items() for kind, reason in kinds.items()]
    return _table(("model", "switch", "why not"), rows)


def _host() -> str:
    rows = []
    for kind, spec in HOST_KINDS.items():
        length = f"{spec.low:,} to {spec.high:,} {spec.unit}" if spec.unit else ""
        rows.append((f"`{kind}`", length, spec.about, ", ".join(ids_of(kind))))
    return _table(("mishap", "length", "what happens", "faults"), rows)


def _matrix() -> str:
    return _table(("fault", "injected by", *WATCHDOG_MS, "held elsewhere"), [_fault(row) for row in MATRIX])


def _fault(row: Row) -> Sequence[str]:
    switches = ", ".join(f"`{kind}`" for kind in (*row.switches, *row.host))
    limits = [_limit(row, model) for model in WATCHDOG_MS]
    elsewhere = [f"`{test}`" for test in row.tests] + ([f"not yet: {row.missing}"] if row.missing else [])
    return (row.id, switches or "no switch", *limits, "; ".join(elsewhere))


def _limit(row: Row, model: str) -> str:
    if row.max_ms == NO_STOP:
        return "goes on"
    limit = bound(row.id, model)
    if limit.ms == 0:
        return "never starts"
    return f"never: {limit.why}" if limit.ms is None else ": ".join(filter(None, (str(limit.ms), limit.why)))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(heads, rows))


def _lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(cells)} |"
