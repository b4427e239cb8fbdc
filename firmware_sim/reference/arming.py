"""One arming: epoch, lease, limits, trains, and what is commanded on each channel."""

from collections.abc import Iterable, Sequence
from typing import Final

from firmware_sim.reference.course import Contraction, Level
from firmware_sim.reference.credit import Credit
from firmware_sim.reference.layout import Params
from firmware_sim.reference.limits import Limits
from firmware_sim.reference.outputs import Outputs
from firmware_sim.reference.pulse import Train
from firmware_sim.reference.tables import Refused, Result


class Arming:
    """What the host has handed over, and what it has commanded since it armed the device. Amplitudes are in 0.1 mA.

    `commanded` holds, for each commanded channel, the level or the plateau that it was given.
    """

    def __init__(self, outputs: Outputs) -> None:
        self.limits: Final[dict[int, Limits]] = {}
        self.trains: Final[dict[int, Train]] = {}
        self.commanded: Final[dict[int, Level | Contraction]] = {}
        self.epoch = 0
        self.lease_us = 0
        self.lease_end_us: int | None = None
        self._credits: Final = {number: Credit() for number in outputs.channels}
        self._outputs: Final = outputs

    @property
    def mask(self) -> int:
        """Bit n − 1: channel n is commanded."""
        mask = 0
        for number in self.commanded:
            mask |= 1 << number - 1
        return mask

    def begin(self, epoch: int, lease_us: int, now_us: int) -> None:
        """Armed from now on."""
        for number, train in self.trains.items():
            if number not in self.limits:
                raise Refused(Result.NO_LIMITS, number)
            self.limits[number].check_train(train)
        self.epoch, self.lease_us = epoch, lease_us
        self.renew(now_us)
        for credit in self._credits.values():
            credit.fill()

    def renew(self, now_us: int) -> None:
        """The lease has its full length from now on."""
        self.lease_end_us = now_us + self.lease_us

    def end(self, now_us: int) -> None:
        """All output off; epoch, trains and limits forgotten."""
        self._outputs.all_off(now_us)
        self.limits.clear()
        self.trains.clear()
        self.commanded.clear()
        self.epoch, self.lease_end_us = 0, None

    def take_limits(self, limits: Limits, now_us: int) -> None:
        """New limits of a channel. While armed, only tighter ones that what is in force fits."""
        number = limits.channel
        old = self.limits.get(number)
        if self.lease_end_us is not None:
            if old is None or not limits.within(old):
                raise Refused(Result.WIDER, number)
            self._check_in_force(limits)
        train = self.trains.get(number)
        if old is not None and train is not None:
            self._credits[number].settle(now_us, old.rise_max, train.recovery_ratio)
        self.limits[number] = limits

    def take_train(self, number: int, train: Train) -> None:
        """The pulse of a channel."""
        train.check(number)
        if number not in self.limits:
            raise Refused(Result.NO_LIMITS, number)
        self.limits[number].check_train(train)
        train.check_room(number)
        if number in self.commanded:
            raise Refused(Result.BUSY_CHANNEL, number)
        self.trains[number] = train

    def check_set(self, rows: Iterable[Params], now_us: int) -> None:
        """Refuses set points that may not be."""
        for row in rows:
            number, amplitude = row["channel"], row["amplitude"]
            if not amplitude:
                continue
            train, limits = self._check_amplitude(number, amplitude)
            raised = amplitude - self._in_force(number, now_us)
            credit = self._credits[number]
            if not self._in_force(number, now_us):
                credit.fill()
            if raised > 0 and not credit.allows(raised, now_us, limits.rise_max, train.recovery_ratio):
                raise Refused(Result.OVER_RISE, number)

    def set(self, rows: Iterable[Params], now_us: int, *, really: bool) -> None:
        """Exactly these channels at these amplitudes. `really` False = nothing of it reaches the output."""
        wanted = {row["channel"]: row["amplitude"] for row in rows if row["amplitude"]}
        for number in self._credits.keys() - wanted.keys():
            self.commanded.pop(number, None)
            self._credits[number].fill()
            self._outputs.off(number, now_us)
            self._outputs.channels[number].meter.forget()
        for number, amplitude in wanted.items():
            train, level = self.trains[number], Level(amplitude)
            raised = max(0, amplitude - self._in_force(number, now_us))
            self._credits[number].spend(raised, now_us, self.limits[number].rise_max, train.recovery_ratio)
            self.commanded[number] = level
            if really:
                self._outputs.follow(number, train, level, now_us)

    def check_contractions(self, rows: Sequence[Params]) -> None:
        """Refuses contractions that may not be."""
        for row in rows:
            if not row["rise_us"] + row["hold_us"] + row["fall_us"]:
                raise Refused(Result.BAD_VALUE, row["channel"])
        for row in rows:
            if row["amplitude"]:
                _, limits = self._check_amplitude(row["channel"], row["amplitude"])
                limits.check_contraction(row["amplitude"], row["rise_us"])

    def contract(self, rows: Iterable[Params], now_us: int, *, really: bool) -> None:
        """These channels begin a contraction now. `really` False = nothing of it reaches the output."""
        for row in rows:
            number = row["channel"]
            train = self.trains.get(number)
            if train is None or not (row["amplitude"] or number in self.commanded):
                continue
            times = (row["rise_us"], row["hold_us"], row["fall_us"])
            contraction = Contraction(row["amplitude"], train.recovery_ratio, now_us, *times)
            self._credits[number].fill()
            self.commanded[number] = contraction
            if really:
                self._outputs.follow(number, train, contraction, now_us)

    def in_force(self, now_us: int) -> list[Params]:
        """The commanded channels with their levels or plateaus, 0 where a contraction is over."""
        rows = []
        for number, course in sorted(self.commanded.items()):
            over = course.end_us is not None and course.end_us <= now_us
            rows.append({"channel": number, "amplitude": 0 if over else course.peak})
        return rows

    def _check_amplitude(self, number: int, amplitude: int) -> tuple[Train, Limits]:
        train = self.trains.get(number)
        if train is None:
            raise Refused(Result.NO_TRAIN, number)
        limits = self.limits[number]
        limits.check_amplitude(train, amplitude)
        return train, limits

    def _in_force(self, number: int, now_us: int) -> int:
        course = self.commanded.get(number)
        return 0 if course is None else course.amplitude(now_us)

    def _check_in_force(self, limits: Limits) -> None:
        """Refuses limits that the train, or the level or contraction in force, does not fit."""
        train, course = self.trains.get(limits.channel), self.commanded.get(limits.channel)
        if train is not None:
            limits.check_train(train)
            if course is not None:
                limits.check_amplitude(train, course.peak)
        if isinstance(course, Contraction):
            limits.check_contraction(course.peak, course.rise_us)
