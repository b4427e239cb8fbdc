"""Current begins at zero and rises no faster than a ramp; after a pause or a fault it takes two seconds."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import itemgetter

from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.asked import Place
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.spoils import Spoils, clear_of, spoiled
from emscontrol.trials.oracle.violation import Violation
from firmware_sim.scope import ScopeLine

CHECK = "rise"
SOFT = "from zero"
REPEATS_US = 300 * facts.MS  # three transmissions, of which the last is heard


def slow_enough(case: Case) -> Iterator[Violation]:
    """No rise is faster than the channel's steepest ramp allows, whatever came before it."""
    for channel, place in case.places.items():
        yield from _rises(case, place, [line for line, _, _ in case.lines.get(channel, ())])


def _rises(case: Case, place: Place, lines: list[ScopeLine]) -> Iterator[Violation]:
    """Follows the credit that time refills and rises spend, from the lowest point on."""
    step_ua = case.device.step_ua * max(pulses.ratio for pulses in place.asked)
    round_us = _late_us(case, place)
    most_ua = place.rise_ua_per_s * (facts.RISE_WINDOW_US + round_us) // facts.S + step_ua
    swelling = _swelling(case, place.channel)
    credit_ua, before_ua, before_us = most_ua, 0, 0
    for line in lines:
        credit_ua = min(most_ua, credit_ua + place.rise_ua_per_s * (line.t_us - before_us) // facts.S)
        rise_ua = line.amplitude_ua - before_ua
        hidden_ua = step_ua if rise_ua > credit_ua and swelling(before_us) else 0
        if rise_ua > credit_ua + hidden_ua and clear_of(case, line.t_us, Spoils.FALSE) and not _back_in_contact(case, line):
            text = f"channel {place.channel}: {before_ua} to {line.amplitude_ua} µA at once, {credit_ua} µA are a ramp's"
            yield Violation(CHECK, line.t_us, text)
        credit_ua = min(most_ua, credit_ua - max(0, rise_ua)) if rise_ua <= credit_ua else 0
        before_ua, before_us = line.amplitude_ua, line.t_us


def _swelling(case: Case, channel: int) -> Callable[[int], bool]:
    """Whether at a time the device makes the channel's contraction by itself.

    It rounds the slope down to its steps, so up to one step of what has been reached shows only when a set point takes over.
    """
    points = [
        (record.t_us, any(output["channel"] == channel and "rise_us" in output for output in record.args["outputs"]))
        for record in case.of("set_point")
    ]

    def at(at_us: int) -> bool:
        place = bisect_right(points, at_us, key=itemgetter(0)) - 1
        return place >= 0 and points[place][1]

    return at


def _late_us(case: Case, place: Place) -> int:
    """How much later than sent a set point may take effect: at the next pulse, and with a repeat where commands get lost."""
    pulse_us = place.slowest_us if case.device.at_next_pulse else 0
    lost = any(spoiled(struck, Spoils.COMMANDS) for struck in case.evidence.struck)
    return pulse_us + (REPEATS_US if lost else 0)


def _back_in_contact(case: Case, line: ScopeLine) -> bool:
    """An electrode that is put back within the same set point shows the current that never stopped being commanded."""
    return any(
        struck.kind in CONTACT and struck.from_us <= line.t_us and (struck.until_us is None or line.t_us <= struck.until_us)
        for struck in case.evidence.struck
    )


CONTACT = frozenset({"electrode_off", "electrode_flap", "broken_lead", "short", "electrode_half", "electrode_dry"})


def from_zero(case: Case) -> Iterator[Violation]:
    """After each accepted start and resume: zero first, and where current has flowed before, two seconds up."""
    deeds = [deed for deed in case.evidence.deeds if deed.name in ("start", "resume") and not deed.refusal]
    for number, deed in enumerate(deeds):
        end_us = deeds[number + 1].at_us if number + 1 < len(deeds) else case.evidence.watched_us
        if any(flow.from_us < deed.at_us < flow.to_us for flow in case.flows) and clear_of(case, deed.at_us, Spoils.FALSE):
            yield Violation(SOFT, deed.at_us, f"current flows at {deed.name}")
        if any(flow.from_us < deed.at_us for flow in case.flows):
            for place in case.places.values():
                yield from _softly(case, place, deed.at_us, end_us)


def _softly(case: Case, place: Place, from_us: int, end_us: int) -> Iterator[Violation]:
    """In the first two seconds from the first set point with current no more than the share of the cap that time allows."""
    asked = (record for record in case.of("set_point") if record.t_us >= from_us)
    first_us = next((r.t_us for r in asked if any(o["channel"] == place.channel for o in r.args["outputs"])), from_us)
    step_ua = case.device.step_ua * max(pulses.ratio for pulses in place.asked)
    round_us = _late_us(case, place)
    for line, _, _ in case.lines.get(place.channel, ()):
        if not from_us <= line.t_us < end_us or not line.amplitude_ua:
            continue
        since_us = line.t_us - first_us + facts.RISE_WINDOW_US + round_us
        if since_us >= facts.SOFT_START_US + facts.RISE_WINDOW_US + round_us:
            return
        allowed_ua = place.cap_ua * since_us // facts.SOFT_START_US + step_ua
        if line.amplitude_ua > allowed_ua and clear_of(case, line.t_us, Spoils.FALSE):
            text = (
                f"channel {place.channel}: {line.amplitude_ua} µA {(line.t_us - first_us) / 1e6:.3f} s after its first current"
            )
            yield Violation(SOFT, line.t_us, text)
            return
