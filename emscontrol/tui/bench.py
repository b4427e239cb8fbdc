"""What the screens need from outside: stimulators, limits, simulated bodies. Never imported here; handed in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from emscontrol.program.judge import ProgramJudgement
from emscontrol.program.program import Program
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.model import Protocol as ProtocolModel
from emscontrol.safety.envelope import ChannelEnvelope
from emscontrol.session.spec import ProcedureSpec, SessionSpec


class Examined(Protocol):
    """A protocol compiled for one model and held against every limit; `assumed` when its levels are examples."""

    @property
    def program(self) -> Program:
        """What would be sent."""

    @property
    def envelopes(self) -> Mapping[int, ChannelEnvelope]:
        """The limits of each channel."""

    @property
    def judgement(self) -> ProgramJudgement:
        """What the rules say."""

    @property
    def comfort_ua(self) -> Mapping[int, int]:
        """The levels it was compiled with."""

    @property
    def motor_ua(self) -> Mapping[int, int]:
        """The motor thresholds, of channels where they are known."""

    @property
    def assumed(self) -> bool:
        """Whether these levels are examples and no patient's."""


class FoundPort(Protocol):
    """One serial port, and what answered on it; `note` says why nothing did."""

    @property
    def port(self) -> str:
        """How the system calls it."""

    @property
    def description(self) -> str:
        """What the system says of it."""

    @property
    def model(self) -> str:
        """The model that answered, "" for none."""

    @property
    def serial(self) -> str:
        """Its serial number."""

    @property
    def firmware(self) -> str:
        """Its firmware."""

    @property
    def note(self) -> str:
        """Why nothing answered."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something by name with a sentence about it: a simulated body, a fault."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Bench:
    """`models` are the stimulators by name, each with a sentence; the rest are calls, each may take a moment.

    examine(protocol, model, comfort_ua by channel, motor_ua by channel): raises UsageError, DeviceMisfit, SafetyRefusal.
    denervation(MODEL@PORT): whether it is declared for muscles without a nerve; raises UsageError.
    measures_electrodes(model): whether it can measure a channel at rest.
    scan(lock folder, further ports): ports one by one; whatever answers is brought to zero.
    procedure_for(protocol, channel, up to, step, fine in µA): the threshold search with a protocol's own pulses and pads.
    measuring(procedure, MODEL@PORT, journal, protocol as a line or ""): the session that measures.
    usual_widths_us(model), single_pulse_us(model): the pulse widths of a curve, and how far apart its pulses are.
    """

    models: Mapping[str, str]
    examine: Callable[[LoadedProtocol, str, Mapping[str, int], Mapping[str, int]], Examined]
    denervation: Callable[[str], bool]
    measures_electrodes: Callable[[str], bool]
    scan: Callable[[Path, tuple[str, ...]], Iterator[FoundPort]]
    bodies: Callable[[], Sequence[Offer]]
    faults: Callable[[], Sequence[Offer]]
    procedure_for: Callable[[ProtocolModel, int, int, int, int], ProcedureSpec]
    measuring: Callable[[ProcedureSpec, str, str, str], SessionSpec]
    usual_widths_us: Callable[[str], tuple[int, ...]]
    single_pulse_us: Callable[[str], int]
