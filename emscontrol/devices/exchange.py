"""Requests, acknowledgements, repeats: the book-keeping that every request-and-answer protocol needs.

A *talk* is a generator: it yields what to ask, gets the answer sent in, and returns events at its end, so that a handshake of
five steps reads as five lines. Nothing here knows a wire format. Two talks may be open: a command and a status question.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from emscontrol.core.budget import T_TICK_GAP
from emscontrol.core.stimulator import Command, DeviceEvent, DeviceFault, Refused, Uncertain
from emscontrol.core.units import US_PER_MS
from emscontrol.devices.silence import Silence

REPEATS: Final = 2  # of the same absolute set point (T_ACK in the time budget)
REMEMBERED: Final = 4  # packet numbers of one question that still count as its own
TICK_GAP_US: Final = T_TICK_GAP * US_PER_MS

UNCONFIRMED: Final = {
    Command.CONNECT: "the handshake",
    Command.PREPARE: "that it is ready",
    Command.OUTPUTS: "the new outputs, which may be in force or not",
    Command.STOP: "the stop: current may still be flowing",
    Command.STATUS: "what it is doing",
    Command.CHECK: "the check of the electrodes",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `write` makes its frame for a packet number; `answer` is the wire name of the frame that answers it.

    `wait_us` and `repeats` replace the usual ones; with `any_number` a frame of that name, and no other, answers it whatever
    its packet number. It is written `delay_us` after the answer before it, not sooner. One that `gives_way` lets a poll that is
    due go first.
    """

    write: Callable[[int], bytes]
    answer: str
    wait_us: int | None = None
    repeats: int = REPEATS
    any_number: bool = False
    delay_us: int = 0
    gives_way: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `asked_us` is when the transmission it belongs to was written; `repeated` if there was more than one."""

    name: str
    params: Mapping[str, Any]
    asked_us: int
    repeated: bool


class SaysNo(Exception):
    """Raised inside a talk: the device refuses, with its own code and what that means in words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Doubts(Exception):
    """Raised inside a talk: what the device has done of its command is not what was asked, or not all of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


Talk = Generator[Ask, Answer, Sequence[DeviceEvent]]
Steps = Generator[Ask, Answer, None]  # part of a talk
Question = Generator[Ask, Answer, Mapping[str, Any]]  # part of a talk that ends with the parameters of an answer


@dataclass(frozen=True, slots=True)
class Manners:
    """How one wire protocol is talked.

    `numbers`: how many packet numbers there are. `wait_us`, `poll_wait_us`: how long the answer to a command or a poll may
    take. `one_at_a_time`: hold a request back until the one before is answered or given up. `refusals`: frames that may stand
    for any answer. `signed_results`: whether result codes are two's complement. `same_number`: a repeat has the packet number
    and the bytes of the first transmission, so that the device can tell it from a new command.
    """

    numbers: int
    wait_us: int
    poll_wait_us: int
    one_at_a_time: bool
    refusals: frozenset[str]
    signed_results: bool
    same_number: bool = False


@dataclass(slots=True)
class _Open:
    """A talk under way. `deadline_us` is None until its present request is written; a `quiet` one never becomes uncertain.

    `held_until_us` is set while the request must wait for its time, `written` is its frame.
    """

    command: Command
    talk: Talk
    ask: Ask
    number: int
    quiet: bool
    since_us: int
    left: int
    deadline_us: int | None = None
    sent_us: dict[int, int] = field(default_factory=dict)
    transmissions: int = 0
    held_until_us: int | None = None
    written: bytes = b""

    def is_stale(self, now_us: int) -> bool:
        """Whether the host itself has slept so long that this must not be sent any more. A stop never grows old."""
        due_us = self.since_us if self.deadline_us is None else self.deadline_us
        return self.command is not Command.STOP and now_us - due_us > TICK_GAP_US

    def is_answered_by(self, name: str, packet_number: int, refusals: frozenset[str]) -> bool:
        """Whether a frame answers the present request, in any of its transmissions."""
        if self.ask.any_number:
            return name == self.ask.answer
        return packet_number in self.sent_us and (name == self.ask.answer or name in refusals)

    def go_on(self, ask: Ask, now_us: int) -> None:
        """The next request of the talk."""
        self.ask, self.left, self.since_us = ask, ask.repeats, now_us + ask.delay_us
        self.deadline_us, self.transmissions = None, 0
        self.held_until_us = self.since_us if ask.delay_us else None
        self.sent_us.clear()


class Exchange:
    """The talks with one device."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._next_number = 0
        self._command: _Open | None = None
        self._status: _Open | None = None
        self._said: list[bytes] = []
        self._poll: Callable[[], Talk] | None = None
        self._poll_at_us = 0
        self._command_written_us = -1
        self.silence: Final = Silence()
        self.late = 0

    # -- beginning and ending talks ------------------------------------------------------------------------------------

    @property
    def pending(self) -> tuple[Command, int] | None:
        """The command that waits for its answer, and its clearance number."""
        return (self._command.command, self._command.number) if self._command else None

    @property
    def is_written(self) -> bool:
        """Whether the present request of the command has been written: it may have reached the device."""
        return self._command is not None and self._command.deadline_us is not None

    def renumber(self, number: int) -> None:
        """The command that is outstanding has become another one, with this clearance number."""
        if self._command is not None:
            self._command.number = number

    def begin(self, command: Command, talk: Talk, now_us: int, number: int = 0) -> None:
        """Open a command's talk in place of any other command's."""
        self._command = _opened(command, talk, now_us, number)

    def ask_status(self, talk: Talk, now_us: int) -> None:
        """Open a status question in place of any other; unanswered it becomes uncertain."""
        self._status = _opened(Command.STATUS, talk, now_us)

    def poll(self, talk: Callable[[], Talk] | None, every_us: int, now_us: int) -> None:
        """Ask this again and again; None ends it. An unanswered poll is asked again and never becomes uncertain.

        Naming the poll that runs already changes nothing.
        """
        if talk == self._poll and every_us == self.silence.pace_us:
            return
        self._poll, self._poll_at_us = talk, now_us + every_us
        self.silence.pace_us = every_us if talk else 0
        if self._status is not None and self._status.quiet:
            self._status = None

    def drop(self) -> None:
        """Forget whatever is outstanding or waits to be written; answers to it will be late ones."""
        self._command = self._status = self._poll = None
        self.silence.pace_us = 0
        self._said.clear()

    def restart(self) -> None:
        """Forget everything but the packet numbers and the count of late answers."""
        self.drop()
        self.silence.restart()

    def say(self, data: bytes) -> None:
        """Write a frame that has no answer."""
        self._said.append(data)

    # -- what is to be written -----------------------------------------------------------------------------------------

    def take(self, now_us: int) -> bytes:
        """Everything that is to be written now: frames without answer, new requests, repeats, polls."""
        if self._poll is not None and now_us >= self._poll_at_us:
            self._open_poll(self._poll, now_us)
        if self._command is None and self._status is None and not self._said:
            return b""
        written = self._said[:]
        self._said.clear()
        if self._command is not None and self._command.ask.gives_way and not self.is_written:
            written.append(self._write_status(now_us))
        if self._command is not None and self._is_due(self._command, self._status, now_us):
            written.append(self._write(self._command, now_us))
        written.append(self._write_status(now_us))
        return b"".join(written)

    def _write_status(self, now_us: int) -> bytes:
        if self._status is not None and self._is_due(self._status, self._command, now_us):
            return self._write(self._status, now_us)
        return b""

    def _open_poll(self, poll: Callable[[], Talk], now_us: int) -> None:
        stopping = self._command is not None and self._command.command is Command.STOP
        if self._status is not None or stopping:
            return
        self._status = _opened(Command.STATUS, poll(), now_us, quiet=True)
        self._poll_at_us = now_us + self.silence.pace_us

    def _is_due(self, this: _Open, other: _Open | None, now_us: int) -> bool:
        if this.is_stale(now_us):
            return False
        if this.deadline_us is not None:
            return now_us >= this.deadline_us and this.left > 0
        if this.held_until_us is not None and now_us < this.held_until_us:
            return False
        this.held_until_us = None
        on_the_wire = other is not None and other.deadline_us is not None
        return not (on_the_wire and self._manners.one_at_a_time and this.command is not Command.STOP)

    def _write(self, this: _Open, now_us: int) -> bytes:
        if this.deadline_us is not None and not this.quiet:
            this.left -= 1
        usual_us = self._manners.poll_wait_us if this.quiet else self._manners.wait_us
        this.deadline_us = now_us + (usual_us if this.ask.wait_us is None else this.ask.wait_us)
        this.transmissions += 1
        if this is self._command:
            self._command_written_us = now_us
        self.silence.asked(now_us)
        if not (self._manners.same_number and this.sent_us):
            this.written = this.ask.write(self._numbered(this, now_us))
        return this.written

    def _numbered(self, this: _Open, now_us: int) -> int:
        """The next packet number, noted as one of this request's."""
        if len(this.sent_us) >= REMEMBERED:
            del this.sent_us[next(iter(this.sent_us))]
        number = self._next_number
        self._next_number = (number + 1) % self._manners.numbers
        this.sent_us[number] = now_us
        return number

    # -- what comes back -----------------------------------------------------------------------------------------------

    def answered(self, name: str, packet_number: int, params: Mapping[str, Any], now_us: int) -> list[DeviceEvent]:
        """Take an answer and go on with its talk. One to nothing that is outstanding is late: counted, otherwise ignored."""
        this = self._asked_by(name, packet_number)
        if this is None:
            self.late += 1
            return []
        answer = Answer(name, params, this.sent_us.get(packet_number, this.since_us), this.transmissions > 1)
        self._hear(this, now_us)
        try:
            this.go_on(this.talk.send(answer), now_us)
        except StopIteration as end:
            self._close(this)
            return list(end.value)
        except SaysNo as no:
            self._close(this)
            return [Refused(this.command, no.code, no.text, this.number)]
        except Doubts as doubts:
            self._close(this)
            return [Uncertain(this.command, doubts.text, this.number)]
        return []

    def unreadable(self, name: str, packet_number: int, data: bytes, now_us: int) -> list[DeviceEvent]:
        """An answer with a result or values that its protocol does not have: taken as a refusal, nothing in it is relied on."""
        this = self._asked_by(name, packet_number)
        if this is None:
            self.late += 1
            return []
        self._hear(this, now_us)
        self._close(this)
        code = int.from_bytes(data[:1], "big", signed=self._manners.signed_results)
        text = f"It answers with something its protocol does not have (bytes {data[:16].hex(' ')})."
        return [DeviceFault(code, text)] if this.quiet else [Refused(this.command, code, text, this.number)]

    def again(self, name: str, packet_number: int, at_us: int) -> bool:
        """The device could not take a request: repeat it at this time. False without a repeat left, or when none is due."""
        this = self._asked_by(name, packet_number)
        if this is None or this.left <= 0:
            return False
        this.deadline_us = at_us
        return True

    def again_all(self, now_us: int) -> None:
        """The device could not take a request and does not say which: repeat what is outstanding."""
        for this in (self._command, self._status):
            if this is not None and this.deadline_us is not None:
                this.deadline_us = now_us

    def overlapped(self, asked_us: int) -> bool:
        """Whether what a status asked for at this time shows is ambiguous: a command is outstanding, or was written since."""
        return self._command is not None or self._command_written_us >= asked_us

    def expire(self, now_us: int) -> list[DeviceEvent]:
        """What time has brought: commands without an answer, and a silent link."""
        events: list[DeviceEvent] = []
        for this in (self._command, self._status):
            if this is not None and self._is_given_up(this, now_us):
                self._close(this)
                if not this.quiet:
                    events.append(_uncertain(this))
        events += self.silence.events(now_us)
        return events

    def due_us(self) -> int | None:
        """When `take` or `expire` is needed next."""
        due_us = self.silence.due_us()
        for this in (self._command, self._status):
            waits_us = None if this is None else this.held_until_us if this.deadline_us is None else this.deadline_us
            if waits_us is not None and (due_us is None or waits_us < due_us):
                due_us = waits_us
        if self._poll is not None and self._status is None and (due_us is None or self._poll_at_us < due_us):
            due_us = self._poll_at_us
        return due_us

    def _is_given_up(self, this: _Open, now_us: int) -> bool:
        if this.is_stale(now_us):
            return True
        if this.deadline_us is None or now_us < this.deadline_us:
            return False
        waited_for = self._command is not None and self._command.deadline_us is None
        return this.left <= 0 or (this.quiet and waited_for)

    def _asked_by(self, name: str, packet_number: int) -> _Open | None:
        for this in (self._command, self._status):
            if this is not None and this.is_answered_by(name, packet_number, self._manners.refusals):
                return this
        return None

    def _hear(self, this: _Open, now_us: int) -> None:
        other = self._status if this is self._command else self._command
        oldest_us = min(other.sent_us.values()) if other is not None and other.sent_us else None
        self.silence.heard(now_us, oldest_us)

    def _close(self, this: _Open) -> None:
        if this is self._command:
            self._command = None
        else:
            self._status = None


def _opened(command: Command, talk: Talk, now_us: int, number: int = 0, *, quiet: bool = False) -> _Open:
    ask = next(talk)
    return _Open(command, talk, ask, number, quiet, now_us, ask.repeats)


def _uncertain(this: _Open) -> Uncertain:
    times = "once" if this.transmissions == 1 else f"{this.transmissions} times"
    return Uncertain(
        this.command, f"The stimulator has not confirmed {UNCONFIRMED[this.command]}; it was asked {times}.", this.number
    )
