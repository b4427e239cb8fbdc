"""Admitting a booked session: is it what was prescribed, and does the screening let this patient have it on this stimulator?

The client has judged the same before; here it is judged again, with the pads of the protocol that will really be played and
the stimulator that will really play it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from emscontrol.core.booking import Booking
from emscontrol.core.errors import SafetyRefusal, UsageError
from emscontrol.core.events import Event, make
from emscontrol.core.units import format_ma
from emscontrol.program.program import Program
from emscontrol.protocol.model import Protocol
from emscontrol.safety.envelope import ChannelEnvelope
from emscontrol.safety.rules import max_amplitude_ua
from emscontrol.safety.screening import ScreeningFacts, ScreeningVerdict, judge_screening, pad_on, types_of_protocol
from emscontrol.session.spec import SessionSpec

_US: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a booking adds to a session: caps in µA by channel with their words, a record, and how long the screening holds."""

    caps_ua: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    told: tuple[Event, ...] = ()
    cleared_for_us: int | None = None

    def program_within(self, program: Program) -> Program:
        """The program with no hand going above a cap. Raises SafetyRefusal where the program itself does."""
        for plan in program.channels:
            cap_ua, words = self.caps_ua.get(plan.channel, (plan.peak_ua, ""))
            if plan.peak_ua > cap_ua:
                raise SafetyRefusal(
                    f"Channel {plan.channel}: {format_ma(plan.peak_ua)} is above {format_ma(cap_ua)}, {words}.",
                    "Measure a lower comfort level, or use larger electrodes.",
                    ("SCREENING",),
                )
        plans = tuple(
            replace(p, cap_ua=min(p.cap_ua, self.caps_ua.get(p.channel, (p.cap_ua, ""))[0])) for p in program.channels
        )
        return replace(program, channels=plans)

    def envelopes_within(self, envelopes: Mapping[int, ChannelEnvelope]) -> dict[int, ChannelEnvelope]:
        """The envelopes, tightened to the caps."""
        return {
            channel: envelope.tightened(amplitude_max_ua=self.caps_ua[channel][0], source=self.caps_ua[channel][1])
            if channel in self.caps_ua
            else envelope
            for channel, envelope in envelopes.items()
        }


UNBOOKED: Final = Admitted()
"""A session that no book knows of: the therapist has screened the patient."""


def admit(
    spec: SessionSpec,
    protocol: Protocol,
    program: Program,
    envelopes: Mapping[int, ChannelEnvelope],
    simulated: bool,
    now: datetime | None,
) -> Admitted:
    """Look at a booking. `envelopes` are those without the patient's own cap.

    Raises SafetyRefusal where the screening stands in the way, UsageError where booking and protocol do not fit.
    """
    booking = Booking.from_json(spec.booking)
    if booking.practice is not False and not simulated:
        raise SafetyRefusal(
            "This appointment is in a practice book, and that is a real stimulator.",
            "Use a simulator (MODEL@sim), or the clinic's own book.",
            ("PRACTICE",),
        )
    if now is None:
        raise SafetyRefusal("Nobody can say what day it is, so the screening cannot be judged.", rules=("SCREENING",))
    _as_prescribed(booking, spec)
    _same_places(booking, protocol)
    facts = _as_it_will_be(booking, protocol, program)
    verdict = judge_screening(facts, now)
    verdict.raise_if_standing()
    return Admitted(_caps(verdict, program, envelopes), (_told(booking, verdict),), _cleared_for_us(verdict, now))


def _as_prescribed(booking: Booking, spec: SessionSpec) -> None:
    """The very text that was prescribed, by the very levels of the book."""
    if spec.sha256 != booking.sha256:
        raise UsageError("The protocol is not the one that was prescribed: its text differs.", "Fetch the appointment again.")
    if (spec.comfort_ua, spec.motor_ua) != (dict(booking.comfort_ua), dict(booking.motor_ua)):
        raise UsageError("The levels are not those of the book.", "Fetch the appointment again.")


def _same_places(booking: Booking, protocol: Protocol) -> None:
    """Every channel of the protocol is where the plan has put it, and there is no other."""
    found = {
        number: (channel.muscle, channel.side.value, channel.electrode.area_mm2)
        for number, channel in protocol.channels.items()
    }
    booked = {number: (channel.muscle, channel.side, channel.area_mm2) for number, channel in booking.channels.items()}
    if found != booked:
        raise UsageError(
            f"The protocol is not the one that was prescribed: it has {_listed(found)}, the plan {_listed(booked)}.",
            "Fetch the appointment again.",
        )


def _listed(places: Mapping[int, tuple[str, str, int]]) -> str:
    return ", ".join(f"{muscle} {side} on channel {number}" for number, (muscle, side, _) in sorted(places.items()))


def _as_it_will_be(booking: Booking, protocol: Protocol, program: Program) -> ScreeningFacts:
    """What was asked, held against the pads, pulses and stimulator of this very session."""
    widths_us = tuple(group.pulse_width_us for phase in protocol.phases for group in phase.groups)
    return replace(
        ScreeningFacts.from_json(booking.screening),
        pads=tuple(pad_on(n, c.muscle, c.side, c.area_mm2) for n, c in sorted(booking.channels.items())),
        types=types_of_protocol(protocol.lmn_status.value, widths_us, tuple(c.muscle for c in booking.channels.values())),
        device_denervation=program.capabilities.denervation,
    )


def _caps(verdict: ScreeningVerdict, program: Program, envelopes: Mapping[int, ChannelEnvelope]) -> dict[int, tuple[int, str]]:
    """A part of what the limits allow at these pulses, where the patient cannot feel what they do."""
    caps = {}
    for channel, percent in verdict.cap_percent.items():
        allowed_ua = min(max_amplitude_ua(train, envelopes[channel])[0] for train in program.trains_of(channel))
        caps[channel] = (
            allowed_ua * percent // 100,
            f"{percent} % of what the limits allow, because feeling is not normal there",
        )
    return caps


def _told(booking: Booking, verdict: ScreeningVerdict) -> Event:
    return make(
        "booked",
        book=booking.book,
        patient=booking.patient,
        plan=booking.plan,
        appointment=booking.appointment,
        number=booking.number,
        staff=booking.staff,
        contractions=booking.contractions,
        channels={
            str(number): {
                "muscle": channel.muscle,
                "side": channel.side,
                "area_mm2": channel.area_mm2,
                "electrode_set": channel.electrode_set,
            }
            for number, channel in booking.channels.items()
        },
        screening=f"{verdict.sentence()}; {booking.asked}" if booking.asked else verdict.sentence(),
    )


def _cleared_for_us(verdict: ScreeningVerdict, now: datetime) -> int | None:
    return None if verdict.expires_at is None else max(0, (verdict.expires_at - now) // _US)
