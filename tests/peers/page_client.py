"""A host for the reference stimulator as a stranger writes one who has the protocol page and nothing else."""

import struct
import time
import zlib
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

import serial

Command = IntEnum(
    "Command", "HELLO IDENTIFY CAPABILITIES LIMITS READ_LIMITS TRAIN ARM RENEW SET CONTRACT STATUS STOP CLEAR CHECK"
)
Result = IntEnum(
    "Result",
    "OK UNKNOWN_COMMAND BAD_LENGTH BAD_VALUE UNKNOWN_CHANNEL STALE WRONG_STATE NO_EPOCH WRONG_EPOCH MISBELIEF WIDER NO_LIMITS "
    "NOT_CAPABLE OVER_AMPLITUDE OVER_WIDTH OVER_RATE OVER_CHARGE OVER_RISE OVER_SHAPE NO_TRAIN NO_ROOM NO_BALANCE BUSY_CHANNEL "
    "FAULT_STANDS TOO_SOON NO_VERSION",
    start=0,
)
IDLE, ARMED, ACTIVE, FAULT = range(4)
LEASE_OVER, REBOOTED = 1 << 7, 1 << 8
ANSWER, EVENT = 0x80, 0xC0
ANSWER_LIMIT_S = 15.0


class Block:
    """Fields in the order of the line, by name."""

    def __init__(self, form: str, names: str) -> None:
        self.form, self.names = struct.Struct("<" + form), names.split()

    def pack(self, values: dict[str, int]) -> bytes:
        return self.form.pack(*(values[name] for name in self.names))

    def unpack(self, line: bytes) -> dict[str, int]:
        return dict(zip(self.names, self.form.unpack(line), strict=True))


LIMITS = Block("BBBBHIIIH", "channel flags shapes burst_max amplitude_max width_max_us period_min_us charge_max_nc rise_max")
TRAIN = Block("BBIHBIBI", "channel shape width_us gap_us recovery_ratio period_us burst_pulses burst_interval_us")
CAPABILITIES = Block(
    "BBBBHIIIIHH",
    "channels flags shapes burst_max amplitude_max width_min_us width_max_us "
    "period_min_us period_max_us voltage_max lease_max_ms",
)
STATUS = Block("BHHBbIB", "state faults lease_left_ms battery temperature device_ms count")
MEASURED = Block("BBIHHH", "channel flags pulses set measured ohm")


@dataclass(frozen=True)
class Frame:
    """One frame of either direction, without its CRC."""

    code: int
    seq: int
    epoch: int = 0
    payload: bytes = b""

    @property
    def result(self) -> str:
        return Result(self.payload[0]).name

    @property
    def rest(self) -> bytes:
        return self.payload[1:]

    def plain(self) -> bytes:
        body = struct.pack("<BHI", self.code, self.seq, self.epoch) + self.payload
        return body + struct.pack("<I", zlib.crc32(body))

    def line(self) -> bytes:
        return stuffed(self.plain())


def stuffed(plain: bytes) -> bytes:
    """Pieces between zero bytes, each behind its length + 1, and the end byte."""
    return b"".join(bytes([len(piece) + 1]) + piece for piece in plain.split(b"\0")) + b"\0"


def unstuffed(line: bytes) -> bytes:
    """The other way; without the end byte."""
    pieces, at = [], 0
    while at < len(line):
        if at + line[at] > len(line):
            raise ValueError(f"the device's stuffing does not come out even: {line.hex()}")
        pieces.append(line[at + 1 : at + line[at]])
        at += line[at]
    return b"\0".join(pieces)


def frame_of(line: bytes) -> Frame:
    plain = unstuffed(line)
    body, crc = plain[:-4], plain[-4:]
    if len(plain) < 11 or struct.pack("<I", zlib.crc32(body)) != crc:
        raise ValueError(f"the device's frame is damaged: {line.hex()}")
    code, seq, epoch = struct.unpack_from("<BHI", body)
    return Frame(code, seq, epoch, body[7:])


def status_of(block: bytes) -> dict[str, int]:
    """The block's head; a channel's values are `1.pulses`, `1.set` and so on."""
    head, row = STATUS.form.size, MEASURED.form.size
    status = STATUS.unpack(block[:head])
    if len(block) != head + status["count"] * row:
        raise ValueError(f"a status block of another length: {block.hex()}")
    rows = [MEASURED.unpack(block[at : at + row]) for at in range(head, len(block), row)]
    return status | {f"{values['channel']}.{name}": value for values in rows for name, value in values.items()}


@dataclass
class Host:
    """A serial port with the sequence number and the epoch of its host."""

    path: str
    seq: int = 0
    epoch: int = 0
    events: list[Frame] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.port = serial.Serial(self.path, 921_600, timeout=0.05)
        self.port.write(b"\0")
        return self

    def __exit__(self, *error: object) -> None:
        self.port.close()

    def frame(self, name: str, payload: bytes = b"", epoch: int | None = None) -> Frame:
        self.seq = (self.seq + 1) % 65_536
        needed = self.epoch if name in ("RENEW", "SET", "CONTRACT") else 0
        return Frame(Command[name], self.seq, needed if epoch is None else epoch, payload)

    def hear(self) -> Frame:
        """The next frame of the device, of whatever kind."""
        line, end = b"", time.monotonic() + ANSWER_LIMIT_S
        while not line.endswith(b"\0"):
            if time.monotonic() > end:
                raise TimeoutError(f"no answer: {line.hex()}")
            line += self.port.read_until(b"\0")
        return frame_of(line[:-1])

    def event(self) -> Frame:
        """The oldest event not yet taken."""
        event = self.events.pop(0) if self.events else self.hear()
        if event.code != EVENT:
            raise ValueError(f"an answer that nobody waits for: {event}")
        return event

    def send(self, frame: Frame) -> Frame:
        """The answer to exactly this frame: anything but it or an event is an error."""
        self.port.write(frame.line())
        while (answer := self.hear()).code == EVENT:
            self.events.append(answer)
        if (answer.code, answer.seq, answer.epoch) != (frame.code | ANSWER, frame.seq, frame.epoch):
            raise ValueError(f"{answer} does not answer {frame}")
        return answer

    def ask(self, name: str, payload: bytes = b"", epoch: int | None = None) -> Frame:
        return self.send(self.frame(name, payload, epoch))

    def hello(self, least: int = 1, most: int = 1) -> Frame:
        return self.ask("HELLO", bytes([least, most]))

    def identify(self) -> list[str]:
        texts, rest = [], self.ask("IDENTIFY").rest
        while rest:
            texts.append(rest[1 : 1 + rest[0]].decode())
            rest = rest[1 + rest[0] :]
        return texts

    def capabilities(self) -> dict[str, int]:
        return CAPABILITIES.unpack(self.ask("CAPABILITIES").rest)

    def limits(self, values: dict[str, int]) -> Frame:
        return self.ask("LIMITS", LIMITS.pack(values))

    def read_limits(self, channel: int) -> dict[str, int]:
        return LIMITS.unpack(self.ask("READ_LIMITS", bytes([channel])).rest)

    def train(self, values: dict[str, int]) -> Frame:
        return self.ask("TRAIN", TRAIN.pack(values))

    def arm(self, lease_ms: int = 500) -> Frame:
        answer = self.ask("ARM", struct.pack("<H", lease_ms))
        if answer.result == "OK":
            self.epoch = struct.unpack("<I", answer.rest)[0]
        return answer

    def renew(self, state: int, *channels: int) -> Frame:
        return self.ask("RENEW", bytes([state, sum(1 << channel - 1 for channel in channels)]))

    def set(self, amplitudes: dict[int, int]) -> Frame:
        return self.ask("SET", bytes([len(amplitudes)]) + b"".join(struct.pack("<BH", *row) for row in amplitudes.items()))

    def contract(self, rows: list[tuple[int, int, int, int, int]]) -> Frame:
        return self.ask("CONTRACT", bytes([len(rows)]) + b"".join(struct.pack("<BHIII", *row) for row in rows))

    def status(self) -> dict[str, int]:
        return status_of(self.ask("STATUS").rest)
