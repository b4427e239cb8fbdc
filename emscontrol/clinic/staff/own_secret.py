"""A secret that only its owner knows: what is done under a name was done by whoever bears it.

A supervisor enters staff and helps whoever has forgotten a PIN, and so knows a secret of theirs. Until its owner has chosen
another, it opens nothing but the choice of that. The trace tells who has set it. In a practice book every PIN is for all.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import FIRST_START
from emscontrol.clinic.staff.keep import find_staff
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.people import Staff
from emscontrol.core.errors import NotAllowed

CHOOSE: Final = "Choose your own: emscontrol staff secret; then log in with it."


def is_own(session: Session, staff: Staff) -> bool:
    """Whether its owner has set the secret of this row, by its trace; the first supervisor has set his at the first start."""
    where = (Audit.entity == Staff.__tablename__, Audit.entity_id == staff.id)
    trail = session.scalars(select(Audit).where(*where).order_by(Audit.version.desc()))
    return next((entry.who for entry in trail if entry.version == 1 or "secret" in entry.before), "") in (
        staff.code,
        FIRST_START.code,
    )


def require_own(session: Session, staff: Staff, practice: bool) -> None:
    """Nothing, when nobody else knows his secret. Raises NotAllowed that tells how to choose one."""
    if not practice and not is_own(session, staff):
        raise NotAllowed(f"Somebody else has set the PIN of {staff.code}, and knows it.", CHOOSE)


def is_to_choose(book: Book, code: str) -> bool:
    """Whether this member of staff can do nothing yet but choose a secret of his own."""
    with book.reading() as session:
        return not book.about.practice and not is_own(session, find_staff(session, code))
