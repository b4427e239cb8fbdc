"""The simulated reference stimulator: frames in, answers and events out."""

import zlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from firmware_sim.device import earliest
from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.output import OutputStage
from firmware_sim.reference import framing, status
from firmware_sim.reference.arming import Arming
from firmware_sim.reference.checks import check_fields
from firmware_sim.reference.commands import ANSWER, BY_CODE, EVENT_CODE, REFUSAL, Command
from firmware_sim.reference.condition import Condition
from firmware_sim.reference.framing import Deframer, RawFrame
from firmware_sim.reference.layout import EACH, Params
from firmware_sim.reference.limits import Limits
from firmware_sim.reference.memory import Age, Memory
from firmware_sim.reference.meter import ohm
from firmware_sim.reference.outputs import Outputs
from firmware_sim.reference.profile import Profile
from firmware_sim.reference.pulse import Train
from firmware_sim.reference.tables import (
    CHANNELS,
    LEASE_MAX_MS,
    REAL_FAULTS,
    VERSION,
    VOLTAGE_MV,
    WITH_EPOCH,
    Bit,
    Refused,
    Result,
    State,
)
from firmware_sim.scope import Scope

MAX_ANSWERS: Final = 256
"""Answers that wait for a host that does not fetch them; more are lost."""
CHECK_PAUSE_US: Final = 100_000
CHECK_UA: Final = 500
CHECK_US: Final = 100
COUNT_16: Final = 1 << 16
COUNT_32: Final = 1 << 32
UNANSWERED: Final = range(ANSWER, 256)
"""Codes of answers and events: no host says them, and an answer to one could go round for ever."""

Handler = Callable[["Reference", Params], Params | bytes]


class Reference:
    """A reference stimulator, switched on when it is first looked at: its clock (`device_ms`) counts from then.

    `watchdog_ms` is the longest lease that it grants, in place of 500 ms. `ARM` may not ask for more; above 500 it is the lease
    that `ARM` gives whatever it asks for, so that a host can be watched without a watchdog behind it.
    """

    def __init__(
        self,
        *,
        scope: Scope | None = None,
        faults: FaultSchedule | None = None,
        watchdog_ms: int | None = None,
        loads_ohm: Mapping[int, int] | None = None,
    ) -> None:
        self._stage: Final = OutputStage(CHANNELS, scope, loads_ohm=loads_ohm, voltage_mv=VOLTAGE_MV)
        self._faults: Final = FaultSchedule() if faults is None else faults
        self._outputs: Final = Outputs(self._stage, self._faults)
        self._watchdog_ms: Final = watchdog_ms
        self._profile: Final = Profile(self._faults, watchdog_ms)
        self._deframer: Final = Deframer()
        self._said: Final[deque[bytes]] = deque(maxlen=MAX_ANSWERS)
        self._starts = 0
        self._now_us = 0
        self._is_new = True
        self._start()

    @property
    def stage(self) -> OutputStage:
        """What really comes out of the electrodes."""
        return self._stage

    @property
    def faults(self) -> FaultSchedule:
        """What is wrong with the device."""
        return self._faults

    @property
    def state(self) -> State:
        """The state as it really is."""
        return self._state

    def receive(self, data: bytes, now_us: int) -> None:
        """Bytes of the host arrive."""
        self._run(now_us)
        for frame in self._deframer.frames(data, self._now_us):
            self._take(frame)

    def advance(self, now_us: int) -> bytes:
        """Lets time pass and returns what was said."""
        self._run(now_us)
        if not self._said:
            return b""
        said = b"".join(self._said)
        self._said.clear()
        return said

    def due_us(self) -> int | None:
        """The end of the lease or of a contraction, a pulse that may show a fault, an answer that waits."""
        return self._now_us if self._said else self._event_us()

    def power_cycle(self, now_us: int) -> None:
        """Off and on again."""
        self._run(now_us)
        self._outputs.release(self._now_us)
        self._deframer.forget()
        self._said.clear()
        self._start()

    def press_stop(self, pressed: bool, now_us: int) -> None:
        """Somebody presses the patient's stop button, or lets go of it."""
        self._run(now_us)
        self._condition.pressed = pressed
        self._look()

    def heat(self, celsius: int, now_us: int) -> None:
        """The output stage has another temperature."""
        self._run(now_us)
        self._condition.celsius = celsius
        self._look()

    # ---- time

    def _start(self) -> None:
        """As after switching on."""
        self._starts += 1
        self._started_us = self._now_us
        self._boot_id = zlib.crc32(b"start %d" % self._starts)
        self._state = State.IDLE
        self._memory = Memory()
        self._condition = Condition(self._faults)
        self._arming = Arming(self._outputs)
        self._telemetry = status.Telemetry(self._stage, self._faults, self._outputs.channels.values())
        high = self._faults.active(FaultKind.COUNTERS_NEAR_MAX, self._now_us) is not None
        self._events = COUNT_16 - 1 - status.NEAR_MAX if high else 0
        self._epoch = COUNT_32 - 1 - status.NEAR_MAX if high else 0
        self._clock_ms = COUNT_32 - 1 - status.NEAR_MAX if high else 0
        self._checked_us: int | None = None

    def _run(self, now_us: int) -> None:
        if self._is_new:
            self._is_new, self._started_us = False, now_us
        if now_us <= self._now_us:
            if self._faults.planned:
                self._suffer()
            return
        while (due_us := self._event_us()) is not None and due_us < now_us:
            self._step(max(due_us, self._now_us))
        self._step(now_us)

    def _event_us(self) -> int | None:
        due_us = earliest(self._arming.lease_end_us, self._outputs.due_us(self._now_us))
        return earliest(due_us, self._condition.due_us(self._now_us)) if self._faults.planned else due_us

    def _step(self, now_us: int) -> None:
        self._now_us = now_us
        self._outputs.run(now_us)
        if found := self._outputs.tripped(now_us):
            self._find(found)
        if self._faults.planned:
            self._suffer()
        lease_end_us = self._arming.lease_end_us
        if lease_end_us is not None and lease_end_us <= now_us:
            self._condition.bits |= Bit.LEASE_OVER
            self._change(State.IDLE)

    def _suffer(self) -> None:
        self._outputs.suffer(self._now_us)
        self._look()

    def _look(self) -> None:
        begun, ended = self._condition.look(self._now_us)
        if begun & REAL_FAULTS:
            self._change(State.FAULT)
        elif ended:
            self._tell(self._arming.epoch)

    def _find(self, bits: Bit) -> None:
        """The meters have found a fault: everything off. Said once, although a stuck output may go on being measured."""
        if bits & ~self._condition.bits or self._state is not State.FAULT:
            self._condition.bits |= bits
            self._change(State.FAULT)

    def _change(self, state: State) -> None:
        """Another state, of the device's own accord: said without being asked."""
        epoch = self._arming.epoch
        self._arming.end(self._now_us)
        self._state = state
        self._tell(epoch)

    def _tell(self, epoch: int) -> None:
        self._said.append(framing.pack(EVENT_CODE, self._events, epoch, self._status()))
        self._events = (self._events + 1) % COUNT_16

    # ---- frames

    def _take(self, frame: RawFrame) -> None:
        """Answers one sound frame."""
        if frame.code in UNANSWERED or frame.code == EVENT_CODE & ~ANSWER:
            return
        command = BY_CODE.get(frame.code)
        if command is None:
            self._say(frame, _refusal(Result.UNKNOWN_COMMAND))
        elif command.name != "STOP" and not command.request.fits(frame.payload):
            self._say(frame, _refusal(Result.BAD_LENGTH))
        elif command.name in ALWAYS_OBEYED:
            self._obey_always(command, frame)
        else:
            age = self._memory.age(frame.seq, frame.data)
            if age is Age.REPEAT:
                self._said.append(self._memory.answer)
            elif age is Age.STALE:
                self._say(frame, _refusal(Result.STALE))
            else:
                self._obey(command, frame)

    def _obey_always(self, command: Command, frame: RawFrame) -> None:
        """`HELLO` and `STOP`, whatever their number."""
        older = command.name == "STOP" and self._memory.is_older(frame.seq)
        payload = self._answer(command, frame)
        answer = self._say(frame, payload)
        if not older and payload[0] == Result.OK:
            self._memory.keep(frame.seq, frame.data, answer)

    def _obey(self, command: Command, frame: RawFrame) -> None:
        if self._state not in command.states:
            wrong = Result.NO_EPOCH if command.with_epoch else Result.WRONG_STATE
        elif frame.epoch != (self._arming.epoch if command.with_epoch else 0):
            wrong = Result.WRONG_EPOCH
        else:
            wrong = Result.OK
        answer = self._say(frame, self._answer(command, frame) if wrong == Result.OK else _refusal(wrong))
        if wrong not in FORGOTTEN:
            self._memory.keep(frame.seq, frame.data, answer)

    def _answer(self, command: Command, frame: RawFrame) -> bytes:
        """Carries a command out. The payload of the answer."""
        params = command.request.unpack(frame.payload) if command.name != "STOP" else {}
        try:
            check_fields(command.request, params)
            told = _HANDLERS[command.name](self, params)
        except Refused as refused:
            return _refusal(refused.result, refused.channel)
        if command.with_epoch:
            self._arming.renew(self._now_us)
        return b"\x00" + (told if isinstance(told, bytes) else command.answer.pack(told))

    def _say(self, frame: RawFrame, payload: bytes) -> bytes:
        answer = framing.pack(frame.code | ANSWER, frame.seq, frame.epoch, payload)
        self._said.append(answer)
        return answer

    # ---- commands

    def _hello(self, params: Params) -> Params:
        version = self._profile.version(self._now_us)
        if version == VERSION and not params["version_min"] <= version <= params["version_max"]:
            raise Refused(Result.NO_VERSION)
        self._disarm()
        self._condition.bits &= ~Bit.REBOOTED
        return {"version": version, "boot_id": self._boot_id, "state": self._state}

    def _limits(self, params: Params) -> Params:
        limits = Limits(**params)
        self._profile.check(limits, self._now_us)
        self._arming.take_limits(limits, self._now_us)
        return {}

    def _read_limits(self, params: Params) -> Params:
        limits = self._arming.limits.get(params["channel"])
        if limits is None:
            raise Refused(Result.NO_LIMITS, params["channel"])
        return limits.as_params()

    def _train(self, params: Params) -> Params:
        number = params.pop("channel")
        self._arming.take_train(number, Train(**params))
        return {}

    def _arm(self, params: Params) -> Params:
        if self._condition.bits & REAL_FAULTS:
            raise Refused(Result.FAULT_STANDS)
        lease_ms = params["lease_ms"]
        if lease_ms > self._profile.lease_max_ms:
            raise Refused(Result.NOT_CAPABLE)
        if self._watchdog_ms is not None and not lease_ms <= self._watchdog_ms <= LEASE_MAX_MS:
            lease_ms = self._watchdog_ms
        # Nobody can foresee the time of the first arming; the same virtual session always has the same epochs.
        epoch = self._epoch or zlib.crc32(b"epoch %d %d" % (self._starts, self._now_us)) or 1
        drift = self._faults.active(FaultKind.DRIFT, self._now_us)
        self._arming.begin(epoch, round(lease_ms * 1000 * (drift.factor if drift else 1)), self._now_us)
        self._epoch = (epoch + 1) % COUNT_32 or 1
        self._telemetry.begin(self._now_us)
        self._condition.bits &= ~Bit.LEASE_OVER
        self._state = State.ARMED
        return {"epoch": epoch}

    def _renew(self, params: Params) -> bytes:
        if (params["state"], params["channels"]) != (self._state, self._arming.mask):
            self._disarm()
            raise Refused(Result.MISBELIEF)
        self._arming.renew(self._now_us)
        return self._status()

    def _set(self, params: Params) -> Params:
        self._refuse_by_fault()
        rows = params[EACH]
        self._arming.check_set(rows, self._now_us)
        self._arming.set(rows, self._now_us, really=self._obeys_set_points())
        return self._in_force()

    def _contract(self, params: Params) -> Params:
        self._refuse_by_fault()
        rows = params[EACH]
        self._arming.check_contractions(rows)
        self._arming.contract(rows, self._now_us, really=self._obeys_set_points())
        return self._in_force()

    def _stop(self, _params: Params) -> Params:
        if self._faults.planned and self._faults.take(FaultKind.IGNORE_STOP, self._now_us):
            return {"state": State.IDLE if self._state in WITH_EPOCH else self._state}
        if self._state in WITH_EPOCH:
            self._disarm()
        return {"state": self._state}

    def _clear(self, _params: Params) -> Params:
        condition = self._condition
        if condition.bits & Bit.PATIENT_STOP:
            raise Refused(Result.FAULT_STANDS)
        condition.clear(self._now_us)
        if condition.bits & REAL_FAULTS:
            raise Refused(Result.FAULT_STANDS)
        self._state = State.IDLE
        return {"faults": int(condition.bits)}

    def _check(self, params: Params) -> Params:
        self._profile.check_measures(params["channel"], self._now_us)
        if self._checked_us is not None and self._now_us - self._checked_us < CHECK_PAUSE_US:
            raise Refused(Result.TOO_SOON, params["channel"])
        self._checked_us = self._now_us
        number = params["channel"]
        self._stage.set_train(number, self._now_us, CHECK_UA, CHECK_US, 0)
        self._stage.deliver(number, 1, self._now_us)
        measured = ohm(self._stage.flow(number), self._stage.amplitude_ua(number))
        self._stage.set_train(number, self._now_us, 0, 0, 0)
        return {"channel": number, "ohm": measured}

    def _disarm(self) -> None:
        """Because of a command: everything off, and forgotten."""
        self._arming.end(self._now_us)
        if self._state in WITH_EPOCH:
            self._state = State.IDLE

    def _in_force(self) -> Params:
        self._state = State.ACTIVE if self._arming.commanded else State.ARMED
        self._telemetry.watch(self._arming.commanded)
        return {EACH: self._arming.in_force(self._now_us)}

    def _refuse_by_fault(self) -> None:
        nak = self._faults.take(FaultKind.NAK, self._now_us) if self._faults.planned else None
        if nak is not None:
            raise Refused(Result.BAD_VALUE if nak.code is None else nak.code)

    def _obeys_set_points(self) -> bool:
        return not (self._faults.planned and self._faults.active(FaultKind.IGNORE_SET, self._now_us))

    def _status(self) -> bytes:
        now_us, lease_end_us = self._now_us, self._arming.lease_end_us
        left_us = 0 if lease_end_us is None else lease_end_us - now_us
        clock_us = now_us - self._started_us
        if self._faults.planned and (drift := self._faults.active(FaultKind.DRIFT, now_us)):
            clock_us = int(clock_us / drift.factor)
        head = (
            self._state,
            self._condition.bits,
            min(COUNT_16 - 1, left_us // 1000),
            self._condition.percent(now_us),
            self._condition.celsius,
            (self._clock_ms + clock_us // 1000) % COUNT_32,
        )
        return self._telemetry.block(head, now_us)


def _refusal(result: int, channel: int = 0) -> bytes:
    return bytes((result,)) + REFUSAL.pack({"channel": channel})


ALWAYS_OBEYED: Final = frozenset({"HELLO", "STOP"})
"""Carried out whatever their number and epoch."""

FORGOTTEN: Final = frozenset({Result.NO_EPOCH, Result.WRONG_EPOCH})
"""A frame of an epoch that is not in force changes nothing at all: not even the number of the last command."""

_HANDLERS: Final[dict[str, Handler]] = {
    "HELLO": Reference._hello,
    "IDENTIFY": lambda device, _: device._profile.identity(device._now_us),
    "CAPABILITIES": lambda device, _: device._profile.capabilities(device._now_us),
    "LIMITS": Reference._limits,
    "READ_LIMITS": Reference._read_limits,
    "TRAIN": Reference._train,
    "ARM": Reference._arm,
    "RENEW": Reference._renew,
    "SET": Reference._set,
    "CONTRACT": Reference._contract,
    "STATUS": lambda device, _: device._status(),
    "STOP": Reference._stop,
    "CLEAR": Reference._clear,
    "CHECK": Reference._check,
}
"""Command: what it does. It gives the parameters of the answer, or their bytes."""
