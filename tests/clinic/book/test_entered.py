"""What people typed, as a column takes it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emscontrol.clinic.book.entered import day_of
from emscontrol.core.errors import UsageError

ZONES = ("Pacific/Kiritimati", "Europe/Berlin", "UTC", "America/New_York", "Pacific/Pago_Pago")


@given(hours=st.integers(0, 50_000), zone=st.sampled_from(ZONES))
def test_no_clinics_own_today_is_still_to_come(hours: int, zone: str) -> None:
    now = datetime(2024, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
    today = now.astimezone(ZoneInfo(zone)).date().isoformat()
    assert day_of(today, "a day", now) == today


def test_a_day_that_is_to_come_everywhere_is_refused() -> None:
    now = datetime(2026, 3, 2, 9, 59, 59, tzinfo=UTC)
    with pytest.raises(UsageError, match="still to come"):
        day_of("2026-03-03", "a day", now)
    assert day_of("2026-03-03", "a day", now + timedelta(seconds=1)) == "2026-03-03"
