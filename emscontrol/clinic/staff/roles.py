"""Every action at the book, and the roles that may do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emscontrol.clinic.book.actor import Actor
from emscontrol.core.errors import NotAllowed
from emscontrol.safety.screening import OVERRIDING_ROLE

READER: Final = "reader"
THERAPIST: Final = "therapist"
SPECIALIST: Final = OVERRIDING_ROLE
SUPERVISOR: Final = "supervisor"

ROLES: Final[Mapping[str, str]] = {
    READER: "looks at everything and changes nothing",
    THERAPIST: "treats: patients, thresholds, plans, appointments, sessions",
    SPECIALIST: "does what a therapist does, overrides screening rules, and prescribes protocols for specialists",
    SUPERVISOR: "does what a therapist does, and keeps staff and book",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may do an action, and what it is in a sentence."""

    roles: frozenset[str]
    words: str


_ALL: Final = frozenset(ROLES)
_TREATING: Final = frozenset({THERAPIST, SPECIALIST, SUPERVISOR})

PERMISSIONS: Final[Mapping[str, Permission]] = {
    "look": Permission(_ALL, "look at patients, plans, appointments and sessions"),
    "patients": Permission(_TREATING, "enter and change patients, their conditions, muscles, implants and electrodes"),
    "screening": Permission(_TREATING, "ask the screening's questions and acknowledge cautions"),
    "override": Permission(frozenset({SPECIALIST}), "override a rule of the screening"),
    "thresholds": Permission(_TREATING, "enter thresholds"),
    "outcomes": Permission(_TREATING, "enter outcomes"),
    "plans": Permission(_TREATING, "prescribe plans and change them"),
    "plans_specialist": Permission(frozenset({SPECIALIST}), "prescribe protocols that are for specialists only"),
    "progression": Permission(_TREATING, "accept or refuse the next step of a plan"),
    "appointments": Permission(_TREATING, "book, move and cancel appointments"),
    "run": Permission(_TREATING, "run a session"),
    "hand_in": Permission(_TREATING, "hand journals in"),
    "staff": Permission(frozenset({SUPERVISOR}), "enter and change staff"),
    "book": Permission(frozenset({SUPERVISOR}), "back up, restore, upgrade and set up the book"),
}


def may(actor: Actor, action: str) -> bool:
    """Whether somebody may do this; an action or a role that nobody knows may not."""
    return action in PERMISSIONS and actor.role in PERMISSIONS[action].roles


def require(actor: Actor, action: str) -> None:
    """Nothing, when he may. Raises NotAllowed that says who may."""
    if may(actor, action):
        return
    if action not in PERMISSIONS:
        raise NotAllowed(f"No role may do {action!r}: there is no such action.", "Please report this.")
    permission = PERMISSIONS[action]
    able = " or ".join(f"a {role}" for role in ROLES if role in permission.roles)
    who = f"a {actor.role}" if actor.role in ROLES else "without a role"
    raise NotAllowed(f"{actor.code} is {who} and may not {permission.words}.", f"Ask {able} to do it.")
