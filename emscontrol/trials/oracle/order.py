"""What the record may say in which order: no clearing without a confirmed zero, no other device, no hand that turns too far."""

from collections.abc import Iterator

from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.violation import Violation

ORDER = "order"
HAND = "hand"
ARM_LASTS_US = 60 * facts.S  # RC-46: START within a minute of ARM


def in_order(case: Case) -> Iterator[Violation]:
    """Clearing, arming, starting, connecting again."""
    yield from _cleared(case)
    yield from _armed(case)
    yield from _same_device(case)


def _cleared(case: Case) -> Iterator[Violation]:
    confirmed = True
    for record in case.of("stop_sent", "stop_confirmed", "state_changed"):
        if record.event != "state_changed":
            confirmed = record.event == "stop_confirmed"
        elif (record.args["from_state"], record.args["to_state"]) == ("fault", "idle") and not confirmed:
            yield Violation(ORDER, record.t_us, "a fault is cleared before zero was read back")


def _armed(case: Case) -> Iterator[Violation]:
    armed_us: int | None = None
    for record in case.of("stop_sent", "armed", "started", "set_point"):
        if record.event in ("stop_sent", "armed"):
            armed_us = record.t_us if record.event == "armed" else None
        elif record.event == "started" and (armed_us is None or record.t_us - armed_us > ARM_LASTS_US):
            yield Violation(ORDER, record.t_us, "started without being armed within a minute")
        elif record.event == "set_point" and record.args["outputs"] and armed_us is None:
            yield Violation(ORDER, record.t_us, "a set point with current while not armed")


def _same_device(case: Case) -> Iterator[Violation]:
    first = ""
    for record in case.of("connected"):
        told = f"{record.args['serial']} {record.args['firmware']}"
        first = first or told
        if told != first and any(armed.line > record.line for armed in case.of("armed")):
            yield Violation(ORDER, record.t_us, f"another stimulator ({told}, before {first}) is armed")


def by_hand(case: Case) -> Iterator[Violation]:
    """One milliampere a step, five a second, never above 1.25 times the comfort level."""
    raised_us: dict[int, int] = {}
    for record in case.of("adjusted"):
        channel, step_ua = record.args["channel"], record.args["to_ua"] - record.args["from_ua"]
        if step_ua <= 0:
            continue
        since_us = record.t_us - raised_us.get(channel, -facts.S)
        raised_us[channel] = record.t_us
        cap_ua = case.trial.comfort_ua.get(channel, 0) * facts.TOLERANCE_PERCENT // 100
        if step_ua > facts.HAND_STEP_UA:
            yield Violation(HAND, record.t_us, f"channel {channel} raised by {step_ua} µA at once")
        elif since_us < facts.S * facts.HAND_STEP_UA // facts.HAND_SLEW_UA_PER_S:
            yield Violation(HAND, record.t_us, f"channel {channel} raised again after {since_us} µs")
        elif record.args["to_ua"] > cap_ua:
            yield Violation(HAND, record.t_us, f"channel {channel} raised to {record.args['to_ua']} µA, above {cap_ua} µA")
