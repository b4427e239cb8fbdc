"""Who is at work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of staff at a station, as every change names him. `role` is a name of `emscontrol.clinic.staff.roles.ROLES`."""

    code: str
    role: str
    station: str
