"""All tables at once, for migrations and for whoever looks at the schema as a whole."""

from typing import Final

from sqlalchemy import MetaData

from emscontrol.clinic.tables.base import Base, Kept
from emscontrol.clinic.tables.facts import Audit, BookFacts, ClinicHours, Hold, Holiday, Stimulator
from emscontrol.clinic.tables.findings import Outcome, ScreeningAcknowledgement, ScreeningAnswer, ScreeningOverride, Threshold
from emscontrol.clinic.tables.people import (
    Attempts,
    Condition,
    ElectrodeSet,
    Implant,
    Login,
    MuscleState,
    Patient,
    PatientName,
    Staff,
)
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel, PlanStep, ProtocolText, Waiting
from emscontrol.clinic.tables.sessions import Journal, SessionChannel, SessionEntry

METADATA: Final[MetaData] = Base.metadata

KEPT: Final[tuple[type[Kept], ...]] = (
    BookFacts,
    ClinicHours,
    Holiday,
    Stimulator,
    Staff,
    Patient,
    PatientName,
    Condition,
    MuscleState,
    Implant,
    ElectrodeSet,
    ScreeningAnswer,
    ScreeningOverride,
    ScreeningAcknowledgement,
    Threshold,
    Outcome,
    ProtocolText,
    Plan,
    PlanChannel,
    PlanStep,
    Appointment,
    Waiting,
)
"""Every table whose changes are audited."""

FREE: Final[tuple[type[Base], ...]] = (Audit, Attempts, Login, Hold, Journal, SessionEntry, SessionChannel)
"""Every other one: the trace itself, what is of the moment, and what journals tell."""
