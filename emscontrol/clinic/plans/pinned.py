"""Protocol files as they were when they were prescribed: whole, and pinned by the hash of their text."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.tables.plans import ProtocolText
from emscontrol.core.errors import BookError, ProtocolFileError
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.protocol.load import LoadedProtocol, load_text


@dataclass(frozen=True, slots=True)
class Newer:
    """What the library has under the same id. `revision` may be the same where somebody changed a file without counting."""

    protocol: str
    pinned_revision: int
    revision: int
    sha256: str

    def sentence(self) -> str:
        """For people."""
        if self.revision == self.pinned_revision:
            return f"The library has another text of {self.protocol} under the same revision {self.revision}."
        return f"The library has revision {self.revision} of {self.protocol}; revision {self.pinned_revision} is prescribed."


def pin(session: Session, loaded: LoadedProtocol) -> ProtocolText:
    """Keep the text, or find it where it is kept already."""
    kept = _row(session, loaded.sha256)
    if kept is None:
        protocol = loaded.protocol
        kept = ProtocolText(
            sha256=loaded.sha256,
            protocol=protocol.id,
            revision=protocol.revision,
            title=protocol.title,
            use=protocol.use.value,
            text=loaded.text,
        )
        session.add(kept)
        session.flush()
    return kept


def pinned(session: Session, sha256: str) -> LoadedProtocol:
    """Read a kept text back. Raises BookError when it is not there, or not the text that was pinned."""
    kept = _row(session, sha256)
    if kept is None:
        raise BookError(f"The book has no protocol with the hash {sha256}.", "Restore a backup: emscontrol book restore.")
    try:
        loaded = load_text(kept.text, f"{kept.protocol}, as prescribed")
    except ProtocolFileError as problem:
        raise BookError(f"The prescribed protocol {kept.protocol} cannot be read: {problem.problems[0]}.", _REMEDY) from problem
    if loaded.sha256 != sha256:
        raise BookError(f"The text of {kept.protocol} is not the one that was prescribed: its hash does not fit.", _REMEDY)
    return loaded


def newer(session: Session, sha256: str) -> Newer | None:
    """What the library has instead, None when it is the very text, an older one, or nothing of this id."""
    kept = _row(session, sha256)
    if kept is None or kept.protocol not in library_ids():
        return None
    found = load_named(kept.protocol)
    if found.sha256 == sha256 or found.protocol.revision < kept.revision:
        return None
    return Newer(kept.protocol, kept.revision, found.protocol.revision, found.sha256)


_REMEDY = "Look at the whole book: emscontrol book check. Then restore a backup, or prescribe anew."


def _row(session: Session, sha256: str) -> ProtocolText | None:
    return session.scalars(select(ProtocolText).where(ProtocolText.sha256 == sha256)).one_or_none()
