"""A muscle of the catalogue and its side."""

from emscontrol.clinic.book.entered import one_of
from emscontrol.safety.screening_places import SIDES
from emscontrol.safety.sites import described_site


def require_place(muscle: str, side: str) -> None:
    """Nothing, when both are known. Raises SafetyRefusal that names the nearest muscle, UsageError for the side."""
    described_site(muscle)
    one_of(side, SIDES, "side")
