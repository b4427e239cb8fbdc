"""One direction of the cable: what it does to the frames that go along it, in the order in which it happens to them.

A frame is lost, cut, damaged, doubled, put in another order, delayed, and given out a few bytes at a time to a slow reader.
"""

import random
from collections import deque
from dataclasses import dataclass
from typing import Final

from firmware_sim.faults import Fault, FaultKind, FaultSchedule
from firmware_sim.frames import FrameCutter

MAX_WAITING: Final = 65_536
"""Bytes that may wait for an end that does not fetch them; what does not fit is lost, as in a full driver buffer."""

WINDOW_US: Final = 50_000
"""How long frames are kept to be given out in another order."""

PIECE: Final = 8
"""Bytes that a slow reader takes at a time."""

MAX_KEPT: Final = 1_000
"""Portions that are remembered to be played once more."""


@dataclass(frozen=True, slots=True)
class Way:
    """The kinds of faults that act on one direction."""

    dead: FaultKind
    drop: FaultKind
    garble: FaultKind
    lose: FaultKind
    late: FaultKind
    jitter: FaultKind
    duplicate: FaultKind
    reorder: FaultKind
    cut: FaultKind
    replay: FaultKind
    noise: FaultKind
    bunch: FaultKind | None = None
    slow: FaultKind | None = None


UP: Final = Way(
    dead=FaultKind.DEAD_UPLINK,
    drop=FaultKind.DROP_REPLY,
    garble=FaultKind.GARBLE_UP,
    lose=FaultKind.LOSE_BYTES_UP,
    late=FaultKind.LATE,
    jitter=FaultKind.JITTER_UP,
    duplicate=FaultKind.DUPLICATE_REPLY,
    reorder=FaultKind.REORDER_REPLY,
    cut=FaultKind.CUT_REPLY,
    replay=FaultKind.REPLAY_REPLY,
    noise=FaultKind.NOISE,
    bunch=FaultKind.BUNCH,
)
DOWN: Final = Way(
    dead=FaultKind.DEAD_DOWNLINK,
    drop=FaultKind.DROP_COMMAND,
    garble=FaultKind.GARBLE_DOWN,
    lose=FaultKind.LOSE_BYTES_DOWN,
    late=FaultKind.LATE_DOWN,
    jitter=FaultKind.JITTER_DOWN,
    duplicate=FaultKind.DUPLICATE,
    reorder=FaultKind.REORDER,
    cut=FaultKind.CUT_COMMAND,
    replay=FaultKind.REPLAY,
    noise=FaultKind.NOISE_DOWN,
    slow=FaultKind.SLOW_READER,
)


class Lane:
    """Bytes go in with `put` and come out with `take` when they have arrived. The same seed gives the same damage."""

    def __init__(self, way: Way, faults: FaultSchedule, frames: FrameCutter, chance: random.Random) -> None:
        self._way: Final = way
        self._faults: Final = faults
        self._frames: Final = frames
        self._chance: Final = chance
        self._waiting: Final[deque[tuple[int, bytes]]] = deque()
        self._window: Final[list[bytes]] = []
        self._window_ends_us = 0
        self._kept: Final[deque[bytes]] = deque(maxlen=MAX_KEPT)
        self._cut: Fault | None = None
        self._stump = b""
        self.waiting_bytes = 0

    def put(self, data: bytes, now_us: int) -> None:
        """One end says something."""
        self.remember(data)
        if not self._faults.rest(now_us):
            for frame in self._frames.frames(data):
                self._send(frame, now_us)
        else:
            self._queue(data, now_us)

    def remember(self, data: bytes) -> None:
        """Keeps what was said, to be played once more."""
        self._kept.append(data)

    @property
    def is_idle(self) -> bool:
        """True when nothing of what a fault has done is still to be undone or given out."""
        return not self._window and self._cut is None

    def insert(self, data: bytes, now_us: int) -> None:
        """Bytes appear on the wire that the end of this lane has not said."""
        self._queue(data, now_us)

    def take(self, now_us: int) -> bytes:
        """What has arrived up to now, once. What was said later never overtakes what is late."""
        if not self._waiting:
            return b""
        parts = []
        while self._waiting and self._waiting[0][0] <= now_us:
            parts.append(self._waiting.popleft()[1])
        data = b"".join(parts)
        self.waiting_bytes -= len(data)
        return data

    def pass_time(self, now_us: int) -> None:
        """Does what is due by itself: gives out a window of frames, ends a cut, strikes with noise or a replay."""
        if self._window and (now_us >= self._window_ends_us or not self._faults.active(self._way.reorder, now_us)):
            self._shuffle(now_us)
        if self._cut is not None and self.severed(now_us) is None:
            stump, self._cut, self._stump = self._stump, None, b""
            self._queue(stump, now_us)
        if replay := self._faults.take(self._way.replay, now_us):
            frames = [frame for said in self._kept for frame in self._frames.frames(said)]
            self._queue(b"".join(frames[-int(replay.argument or 0) :]), now_us)
        if noise := self._faults.take(self._way.noise, now_us):
            self._queue(self._chance.randbytes(int(noise.argument or 0)), now_us)

    def severed(self, now_us: int) -> Fault | None:
        """The fault by which the link is cut inside one of this lane's frames, once that has happened and while it lasts."""
        return self._cut if self._cut is not None and self._faults.active(self._way.cut, now_us) is self._cut else None

    def due_us(self) -> int | None:
        """When the next bytes arrive or a window ends; None when nothing is on its way."""
        arrives_us = self._waiting[0][0] if self._waiting else None
        if not self._window:
            return arrives_us
        return self._window_ends_us if arrives_us is None else min(arrives_us, self._window_ends_us)

    def discard(self) -> None:
        """The sending end throws away what has not left it yet."""
        self._waiting.clear()
        self._window.clear()
        self.waiting_bytes = 0

    def lose_all(self) -> None:
        """Everything on its way is lost, what was cut off included."""
        self.discard()
        self._stump = b""

    def _send(self, frame: bytes, now_us: int) -> None:
        way, faults = self._way, self._faults
        if faults.take(way.drop, now_us) or faults.active(way.dead, now_us) or self.severed(now_us):
            return
        if cut := faults.active(way.cut, now_us):
            self._cut, whole = cut, frame
            frame, self._stump = whole[: int(cut.argument or 0)], whole[int(cut.argument or 0) :]
        frame = self._damaged(frame, now_us)
        copies = 2 if faults.active(way.duplicate, now_us) else 1
        for _ in range(copies):
            self._order(frame, now_us)

    def _damaged(self, frame: bytes, now_us: int) -> bytes:
        chance = self._chance.random
        if lose := self._faults.active(self._way.lose, now_us):
            frame = bytes(byte for byte in frame if chance() >= (lose.argument or 0))
        if garble := self._faults.active(self._way.garble, now_us):
            odds = garble.argument or 0
            frame = bytes(byte ^ self._chance.randint(1, 255) if chance() < odds else byte for byte in frame)
        return frame

    def _order(self, frame: bytes, now_us: int) -> None:
        window = self._faults.active(self._way.reorder, now_us)
        if window is None:
            self._delay(frame, now_us)
            return
        if not self._window:
            self._window_ends_us = now_us + WINDOW_US
        self._window.append(frame)
        if len(self._window) >= (window.argument or 0):
            self._shuffle(now_us)

    def _shuffle(self, now_us: int) -> None:
        frames = self._window[:]
        self._window.clear()
        self._chance.shuffle(frames)
        for frame in frames:
            self._delay(frame, now_us)

    def _delay(self, frame: bytes, now_us: int) -> None:
        faults, way = self._faults, self._way
        ready_us = now_us
        if late := faults.active(way.late, now_us):
            ready_us += round((late.argument or 0) * 1000)
        if (jitter := faults.active(way.jitter, now_us)) and jitter.argument:
            ready_us += round(self._chance.expovariate(1 / jitter.argument) * 1000)
        if way.bunch and (bunch := faults.active(way.bunch, now_us)):
            pitch_us = round((bunch.argument or 1) * 1000)
            since_us = faults.since_us(bunch) or 0
            ready_us += -(ready_us - since_us) % pitch_us
        slow = faults.active(way.slow, now_us) if way.slow else None
        if slow is None:
            self._queue(frame, ready_us)
        else:
            self._trickle(frame, ready_us, 1_000_000 / (slow.argument or 1))

    def _trickle(self, frame: bytes, from_us: int, byte_us: float) -> None:
        """A few bytes at a time, after what waits already."""
        from_us = max(from_us, self._waiting[-1][0]) if self._waiting else from_us
        for first in range(0, len(frame), PIECE):
            piece = frame[first : first + PIECE]
            self._queue(piece, from_us + round((first + len(piece)) * byte_us))

    def _queue(self, data: bytes, ready_us: int) -> None:
        data = data[: MAX_WAITING - self.waiting_bytes]
        if data:
            self._waiting.append((max(ready_us, self._waiting[-1][0]) if self._waiting else ready_us, data))
            self.waiting_bytes += len(data)
