"""What a journal says of its session as a whole: gathered on the way, told as rows at the end."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.measure.plan import plan_from_json
from emscontrol.protocol.travel import from_line
from emscontrol.record.exports.tables import SIDES, TABLES, Row, Value
from emscontrol.record.line import BOOKED_AT


class Signed(NamedTuple):
    """The short name of the key, the last record with a signature of it, and why it is not trusted any more, None if it is."""

    key: str | None = None
    to: int = 0
    distrusted: str | None = None


UNSIGNED: Final = Signed()
OWN_TABLE: Final = frozenset({"set_point", "acked", "measured"})
"""Records that have a table of their own, and say nothing of the session as a whole."""
DIGITS_MAX: Final = 18  # of a channel's number, which then fits a whole number of every reader
NO_SUCH_CHANNEL: Final = "No stimulator has such a channel, so the record cannot be believed; look at who made it."


class SessionFacts:
    """Feed it the records in order; `rows` are one of `sessions` and one of `channels` for each channel."""

    def __init__(self, session: str, journal: str) -> None:
        self._row: dict[str, Value] = {"session": session, "journal": journal, "closed": False}
        self._session = session
        self._channels: dict[int, dict[str, Value]] = {}

    def take(self, n: int, wall: str, kind: str, args: Mapping[str, Any]) -> None:
        """The next record that is not in `OWN_TABLE`."""
        self._row["closed"] = False
        if kind == "session_opened":
            self._opened(wall, args)
        elif kind == "booked" and n == BOOKED_AT:
            self._booked(args)
        elif kind == "connected" and "serial" not in self._row:  # a later one need not be of this session: it is not signed
            self._row |= {name: str(args[name]) or None for name in ("serial", "firmware")}
        elif kind == "totals":
            self._totals(args)
        elif kind == "session_ended":
            self._row |= {
                "closed": True,
                "result": str(args["result"]),
                "reason": str(args["reason"]),
                "duration_s": _whole(args["duration_us"]),
            }

    def rows(self, last_hash: str, signed: Signed, records: int, off_known: bool) -> list[tuple[str, Row]]:
        """The row of the session, then those of its channels. `off_known` says that no current flowed at its end."""
        found: dict[str, Value] = {"last_hash": last_hash, "signed_by": signed.key, "signed_to": signed.to}
        found |= {"distrusted": signed.distrusted, "key_distrusted": signed.distrusted is not None}
        told = self._row | found | {"records": records, "off_known": off_known}
        channels = [self._channels[channel] for channel in sorted(self._channels)]
        return [("sessions", _in_order("sessions", told)), *(("channels", _in_order("channels", row)) for row in channels)]

    @property
    def channels(self) -> Iterable[int]:
        """Those that have a row."""
        return self._channels.keys()

    def where(self, channel: int) -> tuple[Value, Value]:
        """Muscle and side of a channel, as far as the records told them up to now."""
        told = self._channels.get(channel, {})
        return told.get("muscle"), told.get("side")

    def _channel(self, told: str | int) -> dict[str, Value]:
        if len(str(told)) > DIGITS_MAX:
            raise JournalBroken(f"{self._row['journal']} names a channel with {len(str(told))} digits.", NO_SUCH_CHANNEL)
        number = int(told)
        return self._channels.setdefault(number, {"session": self._session, "channel": number})

    def _opened(self, wall: str, args: Mapping[str, Any]) -> None:
        self._row |= {
            "opened": wall,
            "protocol": args["protocol_id"],
            "model": args["port"].partition("@")[0],
            "simulated": args["simulated"],
            "amplitude_step_ma": _whole(args["capabilities"].get("amplitude_step_ua")),
            "protocol_sha256": args["protocol_sha256"],
        }
        for channel, level_ua in args["comfort"].items():
            if str(channel).isdecimal():
                self._channel(channel)["comfort_ma"] = _whole(level_ua)
        try:
            protocol = from_line(args["protocol_compiled"])
        except UsageError:
            self._procedure(args)  # a measurement has no protocol
            return
        self._row["indication"] = protocol.indication
        for number, channel in protocol.channels.items():
            self._place(number, channel.muscle, channel.side.value, channel.electrode.area_mm2)

    def _procedure(self, args: Mapping[str, Any]) -> None:
        """Where a measurement had its pads; an electrode check has no plan, and tells no place."""
        try:
            channel = plan_from_json(str(args["protocol_compiled"])).channel
            told = json.loads(str(args["protocol_text"]))
        except (JournalBroken, ValueError, RecursionError):
            return
        if isinstance(told, dict):
            self._place(channel, told.get("muscle"), told.get("side"), told.get("area_mm2"))

    def _booked(self, args: Mapping[str, Any]) -> None:
        self._row |= {name: args[name] for name in ("book", "patient", "plan", "appointment", "number", "staff")}
        for number, place in args["channels"].items():
            if str(number).isdecimal() and isinstance(place, dict):
                self._place(number, place.get("muscle"), place.get("side"), place.get("area_mm2"))

    def _place(self, number: str | int, muscle: object, side: object, area_mm2: object) -> None:
        """Where the pads of a channel were. A protocol for either side leaves open on which one they were."""
        told: dict[str, Value] = {"area_cm2": _whole(area_mm2)}
        if isinstance(muscle, str):
            told["muscle"] = muscle or None
        if isinstance(side, str):
            told["side"] = side if side in SIDES else None
        self._channel(number).update(told)

    def _totals(self, args: Mapping[str, Any]) -> None:
        for channel, total in args["channels"].items():
            self._channel(channel).update(
                pulses=total["pulses"],
                contractions=total["contractions"],
                peak_ma=total["peak_ua"],
                plateau_ma=total.get("plateau_ua"),
                charge_mc=total["charge_pc"],
                on_s=total["on_us"],
            )


def _in_order(table: str, row: Mapping[str, Value]) -> Row:
    return tuple(row.get(column.name) for column in TABLES[table].columns)


def _whole(value: object) -> int | None:
    return value if type(value) is int else None
