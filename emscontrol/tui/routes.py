"""Which page a key leads to, and which screen an intention leads to: two tables."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from textual.screen import Screen

from emscontrol.tui.house import (
    AfterWanted,
    MeasureWanted,
    NewPlanWanted,
    PatientWanted,
    PlanWanted,
    PracticeWanted,
    ProtocolWanted,
    QuestionsWanted,
    RecordWanted,
    ReplayWanted,
    RunWanted,
    TourWanted,
    Wanted,
)
from emscontrol.tui.page import Page
from emscontrol.tui.screens.bedside.after import AfterScreen
from emscontrol.tui.screens.bedside.checks import ChecksScreen
from emscontrol.tui.screens.bedside.measure import MeasureScreen
from emscontrol.tui.screens.calendar.new_plan import NewPlanScreen
from emscontrol.tui.screens.calendar.page import CalendarPage
from emscontrol.tui.screens.calendar.plan import PlanScreen
from emscontrol.tui.screens.devices.page import DevicesPage
from emscontrol.tui.screens.door.tour import TourScreen
from emscontrol.tui.screens.patients.page import PatientsPage
from emscontrol.tui.screens.patients.patient import PatientScreen
from emscontrol.tui.screens.patients.questions import QuestionsScreen
from emscontrol.tui.screens.practice import PracticeScreen
from emscontrol.tui.screens.protocols.page import ProtocolsPage
from emscontrol.tui.screens.protocols.protocol import ProtocolScreen
from emscontrol.tui.screens.records.page import RecordsPage
from emscontrol.tui.screens.records.record import RecordScreen
from emscontrol.tui.screens.records.replay import ReplayScreen
from emscontrol.tui.screens.settings.page import SettingsPage
from emscontrol.tui.screens.today.page import TodayPage

PAGES: Final[Mapping[str, Callable[[], Page[None]]]] = {
    "today": TodayPage,
    "patients": PatientsPage,
    "calendar": CalendarPage,
    "protocols": ProtocolsPage,
    "records": RecordsPage,
    "devices": DevicesPage,
    "settings": SettingsPage,
}
NEEDS_BOOK: Final = frozenset({"today", "patients", "calendar"})

ROUTES: Final[Mapping[type[Wanted], Callable[[Any], Screen[Any]]]] = {
    PatientWanted: lambda wanted: PatientScreen(wanted.code),
    PlanWanted: lambda wanted: PlanScreen(wanted.number),
    NewPlanWanted: lambda wanted: NewPlanScreen(wanted.code, wanted.protocol),
    ProtocolWanted: lambda wanted: ProtocolScreen(wanted.path),
    QuestionsWanted: lambda wanted: QuestionsScreen(wanted.code),
    RunWanted: lambda wanted: ChecksScreen(wanted.appointment, wanted.code),
    MeasureWanted: lambda wanted: MeasureScreen(wanted.code, wanted.plan, wanted.channel),
    AfterWanted: lambda wanted: AfterScreen(wanted.visit, wanted.told, wanted.pain_before, wanted.late),
    RecordWanted: lambda wanted: RecordScreen(wanted.journal),
    ReplayWanted: lambda wanted: ReplayScreen(wanted.journal, wanted.speed),
    TourWanted: lambda wanted: TourScreen(),
    PracticeWanted: lambda wanted: PracticeScreen(),
}
