"""Reading a journal back as events, and the state that it says the session ended in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from emscontrol.core.errors import JournalBroken
from emscontrol.record.chain import Chain
from emscontrol.record.line import Record
from emscontrol.record.reading import read, record_read
from emscontrol.record.sink import rest_of
from emscontrol.record.verify import read_lines


@dataclass(slots=True)
class FinalState:
    """Where the record leaves the session.

    `amplitudes_ua` is the last set point by channel: what was asked, not what flowed. `totals` is by channel: pulses,
    contractions, peak_ua, charge_pc, on_us. `result` and `reason` are empty without a closing line.
    """

    state: str = ""
    totals: dict[int, dict[str, int]] = field(default_factory=dict)
    amplitudes_ua: dict[int, int] = field(default_factory=dict)
    result: str = ""
    reason: str = ""
    ended: bool = False
    stop_confirmed: bool = False


def read_events(path: Path) -> Iterator[Record]:
    """The records in order, up to the last whole line.

    Raises JournalBroken at the first that does not fit, UsageError when the file cannot be read.
    """
    return read_records(_whole_lines(path))


def read_records(lines: Iterable[bytes]) -> Iterator[Record]:
    """The same for lines in memory. A last line without its newline is a torn tail and left out."""
    return (record for record, _ in _linked(lines))


def read_verified(path: Path, last_n: int, last_hash: str) -> Iterator[Record]:
    """The records up to number `last_n`, whose hash was found to be `last_hash`; what comes after it is not looked at.

    Raises JournalBroken where the file is no longer the one in which that was found, else as `read_events`.
    """
    if not last_n:
        return
    for record, found in _linked(_whole_lines(path)):
        if record.n == last_n and found != last_hash:
            break
        yield record
        if record.n == last_n:
            return
    raise JournalBroken(f"{path} was changed while it was read.", "Look who writes there, and read it again.")


def _linked(lines: Iterable[bytes]) -> Iterator[tuple[Record, str]]:
    """Each record with its hash."""
    chain = Chain()
    for line in lines:
        if not line.endswith(b"\n"):
            return
        found = read(line[:-1])
        if not isinstance(found, str):
            chain.good(found)
        if isinstance(found, str) or chain.last_good != found.n:
            raise JournalBroken(f"The journal does not fit after record {chain.last_good}.", "Run `emscontrol verify` on it.")
        yield record_read(found), found.hash


def final_state(source: Path | Iterable[bytes]) -> FinalState:
    """What the journal says of the end: state, totals, result. Raises as `read_events`."""
    final = FinalState()
    for record in read_events(source) if isinstance(source, Path) else read_records(source):
        _take(final, record.event.kind, record.event.args)
    return final


def _take(final: FinalState, kind: str, args: Mapping[str, object]) -> None:
    final.ended = kind == "session_ended"
    if kind == "state_changed":
        final.state = str(args["to_state"])
    elif kind == "totals":
        totals = cast("Mapping[str, Mapping[str, int]]", args["channels"])
        final.totals = {int(channel): dict(row) for channel, row in totals.items()}
    elif kind == "session_ended":
        final.result, final.reason = str(args["result"]), str(args["reason"])
    elif kind == "set_point":
        outputs = cast("Iterable[Mapping[str, int]]", args["outputs"])
        final.amplitudes_ua = {output["channel"]: output["amplitude_ua"] for output in outputs}
    elif kind == "stop_sent":
        final.amplitudes_ua, final.stop_confirmed = {}, False
    elif kind == "stop_confirmed":
        final.stop_confirmed = True


def _whole_lines(path: Path) -> Iterator[bytes]:
    yield from (line.data + b"\n" for line in read_lines(path) if line.whole)
    if (rest := rest_of(path)).is_file():
        yield from (line.data + b"\n" for line in read_lines(rest) if line.whole)
