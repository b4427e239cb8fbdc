"""The most each channel of a session could get, and the limit that says so, in words."""

from emscontrol.core.errors import EmsError
from emscontrol.protocol.load import load_text
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.bench import Bench
from emscontrol.tui.widgets.envelope_bar import Ceiling


def ceilings_of(bench: Bench, spec: SessionSpec) -> dict[int, Ceiling]:
    """By channel; none where the engine will refuse the session anyway. Takes some tenths of a second."""
    try:
        loaded = load_text(spec.protocol_text, "this session")
        model = spec.device.partition("@")[0]
        found = bench.examine(loaded, model, spec.comfort_ua, spec.motor_ua).judgement.ceilings
    except EmsError:
        return {}
    tightest: dict[int, Ceiling] = {}
    for one in found:
        words = f"{one.binding.quantity}, {one.binding.source}, {one.binding.mark}"
        if one.channel not in tightest or one.allowed_ua < tightest[one.channel].allowed_ua:
            tightest[one.channel] = Ceiling(one.allowed_ua, words)
    return tightest
