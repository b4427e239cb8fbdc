"""The one vocabulary of what happens in a session, as a table: each kind has a severity, typed arguments and one sentence.

The alarm severities are the three priorities of IEC 60601-1-8. Quantities are integers (µA, µs, pC); the sentences show mA,
seconds and mC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from emscontrol.core.arguments import Arg, ArgType


class Severity(StrEnum):
    """How loudly an event is told, quietest first."""

    INFO = "info"
    NOTICE = "notice"
    ALARM_LOW = "alarm_low"
    ALARM_MEDIUM = "alarm_medium"
    ALARM_HIGH = "alarm_high"

    @property
    def is_alarm(self) -> bool:
        """True for the three alarm priorities."""
        return self.value.startswith("alarm_")


@dataclass(frozen=True, slots=True)
class EventKind:
    """One row of the dictionary. The journal syncs at once after a `durable` event.

    In a template `[, not {below_ua}]` is told only where its arguments are there; `[up to {up_to_ua}|not measured]` has words
    for where they are not.
    """

    name: str
    severity: Severity
    args: Mapping[str, Arg]
    template: str
    durable: bool


def _text(meaning: str) -> Arg:
    return Arg(ArgType.TEXT, meaning)


def _us(meaning: str) -> Arg:
    return Arg(ArgType.US, meaning)


def _object(meaning: str) -> Arg:
    return Arg(ArgType.OBJECT, meaning)


_NUMBER: Final = Arg(ArgType.COUNT, "clearance number of the set point")
_CHANNEL: Final = Arg(ArgType.CHANNEL, "channel, from 1")
_CHANNELS: Final = Arg(ArgType.CHANNELS, "channels that contract together")
_CAUSE: Final = _text("why, in a few words")
_COMMAND: Final = _text("connect, prepare, outputs, stop or status")
_DEVICE_TEXT: Final = _text("the device's or driver's own words")
_CODE: Final = Arg(ArgType.INTEGER, "the device's own code")
_WHO: Final = _text("operator, client, engine, signal or device")
_CLIENT: Final = _text("name and process of the client")
_INDEX: Final = Arg(ArgType.COUNT, "which one, from 1")
_OF: Final = Arg(ArgType.COUNT, "how many there are")
_PHASE: Final = Arg(ArgType.COUNT, "phase, from 1")
_WIDTH: Final = Arg(ArgType.COUNT, "pulse width of one phase, µs")
_STEP: Final = Arg(ArgType.UA, "amplitude of the step, µA")
_RULE: Final = _text("id of the rule")
_SENTENCE: Final = _text("the rule's verdict in words")

INFO, NOTICE = Severity.INFO, Severity.NOTICE
LOW, MEDIUM, HIGH = Severity.ALARM_LOW, Severity.ALARM_MEDIUM, Severity.ALARM_HIGH


def _row(name: str, severity: Severity, template: str, durable: bool = True, /, **args: Arg) -> EventKind:
    return EventKind(name, severity, args, template, durable)


_ROWS: Final = (
    # the frame of a session
    _row(
        "session_opened",
        NOTICE,
        "Session of {protocol_id} opened on {port}.",
        protocol_id=_text("id of the protocol"),
        protocol_text=_text("the protocol file, whole"),
        protocol_compiled=_text("what was read from it and compiled, as JSON"),
        protocol_sha256=_text("SHA-256 of the protocol file's bytes, hex"),
        port=_text("MODEL@PORT as asked for"),
        simulated=Arg(ArgType.FLAG, "true when no person can be on the other end"),
        comfort=_object("comfort threshold in µA by channel"),
        envelope=_object("the allowed outputs in force"),
        limits_sha256=_text("SHA-256 of the limits in force, hex"),
        device=_object("model, serial, firmware, protocol_version"),
        capabilities=_object("what the device can do, integers"),
        versions=_object("versions of program, Python and system"),
    ),
    _row(
        "booked",
        NOTICE,
        "Appointment {appointment} of patient {patient}: session {number} of plan {plan}, for {staff}. {screening}",
        book=_text("uuid of the clinic's book"),
        patient=_text("code of the patient"),
        plan=Arg(ArgType.COUNT, "number of the plan in that book"),
        appointment=Arg(ArgType.COUNT, "number of the appointment in that book"),
        number=Arg(ArgType.COUNT, "which session of the plan, from 1"),
        staff=_text("code of the member of staff"),
        contractions=Arg(ArgType.COUNT, "contractions prescribed, all channels together"),
        channels=_object("by channel: muscle, side, area_mm2, electrode_set"),
        screening=_text("what the screening says, in words"),
    ),
    _row(
        "state_changed",
        INFO,
        "From {from_state} to {to_state}: {cause}.",
        from_state=_text("state before"),
        to_state=_text("state after"),
        cause=_CAUSE,
    ),
    _row(
        "totals",
        NOTICE,
        "Delivered: {channels}.",
        channels=Arg(ArgType.TOTALS, "by channel: pulses, contractions, peak and plateau µA, charge pC, time on µs"),
    ),
    _row(
        "session_ended",
        NOTICE,
        "Session {result}: {reason}.",
        result=_text("completed, stopped, fault or refused"),
        reason=_text("why, in a few words"),
        duration_us=_us("from start to end, pauses included, µs"),
    ),
    _row("checkpoint", INFO, "Checkpoint: the record is signed up to here."),
    # the course of the programme
    _row(
        "connected",
        NOTICE,
        "The stimulator answered: {model}, serial number {serial}, firmware {firmware}.",
        model=_text("the model as it named itself"),
        serial=_text("serial number, empty where it has none"),
        firmware=_text("firmware, empty where it does not tell"),
        protocol_version=_text("wire protocol version, empty where it does not tell"),
    ),
    _row("armed", NOTICE, "Armed: {channels} ready, no current.", channels=_CHANNELS),
    _row("started", NOTICE, "Started."),
    _row(
        "phase_started",
        NOTICE,
        "Phase {index} of {of}: {name}.",
        name=_text("name of the phase"),
        index=_INDEX,
        of=_OF,
    ),
    _row(
        "contraction_started",
        INFO,
        "Contraction {index} of {of} on {channels}.",
        False,
        phase=_PHASE,
        index=_INDEX,
        of=_OF,
        channels=_CHANNELS,
    ),
    _row(
        "contraction_ended",
        INFO,
        "Contraction {index} of {of} over on {channels}.",
        False,
        phase=_PHASE,
        index=_INDEX,
        of=_OF,
        channels=_CHANNELS,
    ),
    _row(
        "adjusted",
        NOTICE,
        "The operator set {channel} from {from_ua} to {to_ua}.",
        channel=_CHANNEL,
        from_ua=Arg(ArgType.UA, "target before, µA"),
        to_ua=Arg(ArgType.UA, "target from now on, µA"),
    ),
    _row("paused", NOTICE, "Paused by {who}: {cause}.", who=_WHO, cause=_CAUSE),
    _row("resumed", NOTICE, "Resumed by {who}, from zero.", who=_WHO),
    _row(
        "alarm_seen",
        NOTICE,
        "Alarm acknowledged by {who}: {alarm}",
        who=_WHO,
        alarm=_text("the alarm's own sentence"),
    ),
    # measuring a muscle
    _row(
        "asked",
        INFO,
        "Step {number} given: {channel}, {amplitude_ua} at {width_us} µs.",
        number=Arg(ArgType.COUNT, "which step of the procedure, from 1"),
        channel=_CHANNEL,
        width_us=_WIDTH,
        amplitude_ua=_STEP,
    ),
    _row(
        "answered",
        INFO,
        "Word of {who} on {channel}, {amplitude_ua} at {width_us} µs: {word}.",
        who=_WHO,
        channel=_CHANNEL,
        width_us=_WIDTH,
        amplitude_ua=_STEP,
        word=_text("the operator's word about the step"),
    ),
    _row(
        "threshold_found",
        NOTICE,
        "Threshold ({threshold}) of {channel} at {width_us} µs: {amplitude_ua}[, not {below_ua}].",
        channel=_CHANNEL,
        threshold=_text("sensory, motor or comfort"),
        width_us=_WIDTH,
        amplitude_ua=_STEP,
        below_ua=Arg(ArgType.UA, "highest step without it, µA; absent for comfort", optional=True),
    ),
    _row(
        "threshold_absent",
        NOTICE,
        "Threshold ({threshold}) of {channel} at {width_us} µs: "
        "[not reached up to {up_to_ua}|not measured][, too much at {too_much_ua}].",
        channel=_CHANNEL,
        threshold=_text("sensory, motor or comfort"),
        width_us=_WIDTH,
        up_to_ua=Arg(ArgType.UA, "highest step tolerated, µA; absent where none was", optional=True),
        too_much_ua=Arg(ArgType.UA, "step that was too much, µA; absent where none was", optional=True),
    ),
    _row(
        "curve_point",
        NOTICE,
        "Motor threshold of {channel} at {width_us} µs: {amplitude_ua}, no contraction at {below_ua}.",
        channel=_CHANNEL,
        width_us=_WIDTH,
        amplitude_ua=Arg(ArgType.UA, "lowest step with a contraction, µA"),
        below_ua=Arg(ArgType.UA, "highest step without a contraction, µA"),
    ),
    _row(
        "curve_gap",
        NOTICE,
        "Motor threshold of {channel} at {width_us} µs: "
        "[none up to {up_to_ua}|not measured][, not tried higher: too much at {too_much_ua}].",
        channel=_CHANNEL,
        width_us=_WIDTH,
        up_to_ua=Arg(ArgType.UA, "highest step without a contraction at this width, µA; absent where none was", optional=True),
        too_much_ua=Arg(ArgType.UA, "step that was too much at this width, µA; absent where none was", optional=True),
    ),
    _row(
        "curve_fitted",
        NOTICE,
        "Strength–duration curve of {channel}: {suggestion}. {reason}",
        channel=_CHANNEL,
        curves=_object("by number, short pulses first: rheobase_ua, chronaxie_us as [best, low, high], misfit, widths_us"),
        suggestion=_text("innervated, partly denervated, denervated or undecided"),
        reason=_text("why, in words and numbers"),
    ),
    _row(
        "electrode_checked",
        NOTICE,
        "Electrodes checked: {text}",
        channel=_CHANNEL,
        ohm=Arg(ArgType.COUNT, "impedance, Ω; absent where nothing is connected", optional=True),
        text=_DEVICE_TEXT,
    ),
    # commands and what became of them
    _row(
        "set_point",
        INFO,
        "Set point {number}: {outputs}.",
        False,
        number=_NUMBER,
        outputs=Arg(ArgType.OUTPUTS, "every channel with current; of a contraction rise, hold and fall too"),
        cause=_CAUSE,
    ),
    _row("acked", INFO, "Set point {number} confirmed.", False, number=_NUMBER),
    _row(
        "refused_by_device",
        MEDIUM,
        "The stimulator refused {command}: {text} (code {code}).",
        command=_COMMAND,
        code=_CODE,
        text=_DEVICE_TEXT,
        number=_NUMBER,
    ),
    _row(
        "uncertain",
        MEDIUM,
        "No answer to {command}: {text}. Current is taken to flow until the stimulator says otherwise.",
        command=_COMMAND,
        text=_DEVICE_TEXT,
        number=_NUMBER,
    ),
    _row(
        "measured",
        INFO,
        "Measured on {channel}: {amplitude_ua} (set {set_ua}), {ohm} Ω, {pulses} pulses so far.",
        False,
        channel=_CHANNEL,
        amplitude_ua=Arg(ArgType.UA, "peak current of the last pulse, measured by the stimulator, µA"),
        set_ua=Arg(ArgType.UA, "what the stimulator had set there, µA"),
        ohm=Arg(ArgType.COUNT, "end voltage ÷ current, Ω; absent where the stimulator cannot tell", optional=True),
        pulses=Arg(ArgType.COUNT, "pulses counted by the stimulator since it was made ready"),
    ),
    _row(
        "clipped",
        LOW,
        "The stimulator reaches its voltage on {channel} and delivers less than is set. Look at the electrodes.",
        channel=_CHANNEL,
    ),
    _row("refused_by_gate", MEDIUM, "Refused: {sentence}", rule=_RULE, sentence=_SENTENCE),
    _row("warned", LOW, "Warning: {sentence}", rule=_RULE, sentence=_SENTENCE),
    _row(
        "read_back",
        INFO,
        "The stimulator reports output on: {output_on}; active: {active}. {text}",
        False,
        output_on=Arg(ArgType.FLAG, "what it says; absent when it does not tell", optional=True),
        active=Arg(ArgType.CHANNELS, "channels it says it drives"),
        text=_DEVICE_TEXT,
    ),
    # stopping
    _row(
        "stop_requested",
        NOTICE,
        "Stop asked for by {who} ({how}): {cause}.",
        who=_WHO,
        how=_text("at once or ramp"),
        cause=_CAUSE,
    ),
    _row("stop_sent", NOTICE, "Stop sent."),
    _row(
        "stop_confirmed",
        NOTICE,
        "The stimulator confirms: no output, {after_us} after the stop.",
        after_us=_us("after stop_sent, µs"),
    ),
    _row(
        "stop_unconfirmed",
        HIGH,
        "OUTPUT UNKNOWN: the stimulator did not confirm the stop. Pull the leads off the stimulator now. {text}",
        text=_DEVICE_TEXT,
    ),
    # faults of the device and of the link
    _row(
        "electrode_fault",
        MEDIUM,
        "Electrode of {channel} open or out of range: {text}.",
        channel=Arg(ArgType.CHANNEL, "channel, from 1; absent where the device does not say which", optional=True),
        text=_DEVICE_TEXT,
    ),
    _row("device_fault", HIGH, "The stimulator reports a fault: {text} (code {code}).", code=_CODE, text=_DEVICE_TEXT),
    _row(
        "link_lost",
        HIGH,
        "LINK LOST, OUTPUT UNKNOWN: {text}. Pull the leads off the stimulator now.",
        text=_text("what was seen on the port"),
        silent_us=_us("how long nothing valid was heard, µs"),
    ),
    _row("link_noise", LOW, "Bytes that make no sense were dropped: {text}.", False, text=_DEVICE_TEXT),
    _row(
        "battery", INFO, "Battery of the stimulator at {level_percent}.", False, level_percent=Arg(ArgType.PERCENT, "charge, %")
    ),
    # faults of the host
    _row(
        "tick_gap",
        MEDIUM,
        "The computer stood still for {gap_us}; the session is stopped.",
        gap_us=_us("between two turns of the engine, µs"),
    ),
    _row(
        "engine_fault",
        HIGH,
        "The program failed inside and stopped the stimulator: {text}.",
        text=_text("the error, in one line"),
    ),
    _row(
        "journal_late",
        MEDIUM,
        "The record is {lag_us} behind the disk.",
        lag_us=_us("age of the oldest record not on disk, µs"),
    ),
    _row("journal_failed", MEDIUM, "The record cannot be written: {text}", text=_text("what failed and what was kept")),
    _row(
        "wall_clock_jump",
        LOW,
        "The wall clock of the computer jumped {direction} by {by_us}; timing is not affected.",
        direction=_text("forward or back"),
        by_us=_us("size of the jump, µs"),
    ),
    _row("clock_suspect", LOW, "The wall clock of the computer looks wrong: {text}.", text=_text("compared with what")),
    _row("interrupted", MEDIUM, "Ended by {signal}.", signal=_text("name of the signal")),
    # clients
    _row("client_joined", INFO, "Client {client} joined as {role}.", client=_CLIENT, role=_text("operator or watcher")),
    _row("client_gone", MEDIUM, "Client {client} is gone.", client=_CLIENT),
    _row(
        "lease_lost",
        MEDIUM,
        "Client {client} has been silent for {silent_us}.",
        client=_CLIENT,
        silent_us=_us("since its last sign of life, µs"),
    ),
    # the body on the leads of a simulator
    _row(
        "body_said",
        NOTICE,
        "The simulated patient, about {channel}: {text}",
        channel=_CHANNEL,
        text=_text("as it is spoken"),
        word=_text("nothing, tingling, twitch, contraction, strong or painful"),
    ),
    _row(
        "body_answered",
        INFO,
        "Simulated body, {channel}: strongest pull so far {force_mn}.",
        channel=_CHANNEL,
        force_mn=Arg(ArgType.MN, "largest force at the joint since the session began, mN"),
    ),
    # what an earlier session left behind
    _row(
        "earlier_journal",
        NOTICE,
        "An earlier record was found not closed or not intact: {file}: {finding}",
        file=_text("file name of the earlier journal"),
        finding=_text("what verify said of it"),
    ),
)

EVENTS: Final[Mapping[str, EventKind]] = {row.name: row for row in _ROWS}
