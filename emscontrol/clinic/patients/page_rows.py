"""What stands on a patient's page."""

from dataclasses import dataclass
from datetime import datetime

from emscontrol.clinic.patients.electrode_sets import SetState
from emscontrol.clinic.patients.trends import Trend


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """What the patient is treated for; `words` are those of the table of conditions."""

    id: int
    version: int
    condition: str
    words: str
    since: str | None
    note: str


@dataclass(frozen=True, slots=True)
class MuscleRow:
    """Nerve and feeling as last examined."""

    id: int
    version: int
    muscle: str
    side: str
    lmn: str
    sensation: str
    how: str
    examined_at: datetime


@dataclass(frozen=True, slots=True)
class ImplantRow:
    """Something in the body."""

    id: int
    version: int
    kind: str
    region: str
    side: str
    placed_on: str | None
    note: str


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """The newest threshold of one muscle, side, kind, electrode size and pulse width; `due` is to be measured again."""

    age_days: int
    due: bool
    id: int
    version: int
    muscle: str
    side: str
    kind: str
    area_mm2: int
    width_us: int
    amplitude_ua: int
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """The newest value of one series, and how the last values of it go."""

    measure: str
    muscle: str
    side: str
    landmark: str
    scale: str
    shown: str
    trend: Trend


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan with its progress: sessions given of those planned, missed, to come; contractions delivered of prescribed."""

    id: int
    version: int
    title: str
    goal: str
    status: str
    starts_on: str
    therapist: str
    stimulator: str
    planned: int
    given: int
    missed: int
    booked: int
    contractions: int
    contractions_prescribed: int
    open_steps: int
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """One planned occasion."""

    id: int
    version: int
    plan_id: int | None
    number: int | None
    starts_at: datetime
    ends_at: datetime
    therapist: str
    stimulator: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One performed occasion, as its journal tells it."""

    id: int
    plan_id: int | None
    appointment_id: int | None
    opened_at: datetime
    duration_us: int
    result: str
    reason: str
    counts: bool
    contractions: int
    contractions_prescribed: int
    charge_pc: int


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Everything of one patient at one moment. The names are "" where nobody entered any."""

    id: int
    version: int
    code: str
    given: str
    family: str
    contact: str
    birth_year: int | None
    notes: str
    alerts: tuple[str, ...]
    conditions: tuple[ConditionRow, ...]
    muscles: tuple[MuscleRow, ...]
    implants: tuple[ImplantRow, ...]
    thresholds: tuple[ThresholdRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    plans: tuple[PlanRow, ...]
    next_appointments: tuple[AppointmentRow, ...]
    last_appointments: tuple[AppointmentRow, ...]
    last_sessions: tuple[SessionRow, ...]
    electrode_sets: tuple[SetState, ...]
