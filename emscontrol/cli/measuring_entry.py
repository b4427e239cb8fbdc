"""What was measured as whole commands that enter it in the clinic's book: only the patient's code is to be filled in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from emscontrol.cli.figures import read_area_mm2
from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event
from emscontrol.session.spec import ProcedureSpec

if TYPE_CHECKING:
    from emscontrol.protocol.parts import Electrode

UNKNOWN_SIDE: Final = "SIDE"
UNKNOWN_PADS: Final = "WxH"


def entries(found: Sequence[Event], nothing_felt: bool, place: ProcedureSpec, pads: str) -> list[str]:
    """One command for each threshold that was found. Where nothing was felt, the end is no comfort level and is not offered."""
    side = place.side if place.side in ("left", "right") else UNKNOWN_SIDE
    where = f"--muscle {place.muscle} --side {side} --pads {pads}"
    return [
        f"emscontrol patient threshold PATIENT {event.args['threshold']} {_ma(event)} {where} "
        f"--width-us {event.args['width_us']}"
        for event in found
        if event.kind == "threshold_found" and not (nothing_felt and event.args["threshold"] == "comfort")
    ]


def pads_of(electrode: "Electrode") -> str:
    """The size of an electrode as --pads takes it; WxH to be filled in for a round one, which has no such size."""
    if electrode.width_cm is None or electrode.height_cm is None:
        return UNKNOWN_PADS
    text = f"{electrode.width_cm.normalize():f}x{electrode.height_cm.normalize():f}"
    try:
        return text if read_area_mm2(text, "--pads") == electrode.area_mm2 else UNKNOWN_PADS
    except UsageError:
        return UNKNOWN_PADS


def _ma(event: Event) -> str:
    value = event.args["amplitude_ua"]
    return f"{value / 1_000:g}" if isinstance(value, int) else "MA"
