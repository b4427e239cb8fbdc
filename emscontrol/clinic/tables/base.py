"""What every table shares: names of constraints, kept rows, and times in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from sqlalchemy import JSON, DateTime, Dialect, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from emscontrol.core.errors import BookError

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name that migrations can speak of."""

CODE: Final = 40  # characters of a code, an id or a word of a table
LINE: Final = 400  # characters of a reason or a remark on one line


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC without an offset in the database. Refuses a time without a zone."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """From the database. SQLite takes any text for a time, so somebody else may have written one that is none."""
        read = self.impl_instance.result_processor(dialect, coltype)

        def aware(value: Any) -> datetime | None:
            try:
                moment = value if read is None else read(value)
                return None if moment is None else moment.replace(tzinfo=UTC)
            except (ValueError, TypeError) as problem:
                raise BookError(
                    f"A time in the book cannot be read, and this program did not write it: {str(value)[:40]!r}.",
                    "Look at the whole of it: emscontrol book check. Then restore a backup.",
                ) from problem

        return aware


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcTime, dict[str, Any]: JSON, list[Any]: JSON}


class Kept(Base):
    """A row that is never deleted: it counts its changes, each leaves a row in the audit, and it can be withdrawn.

    `version` makes two who change one row at once a conflict and not a lost change. Columns of `MASKED` stand in the audit
    as a mark only (names of people), those of `DIGESTED` as their SHA-256 (secrets).
    """

    __abstract__ = True
    MASKED: ClassVar[frozenset[str]] = frozenset()
    DIGESTED: ClassVar[frozenset[str]] = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    version: Mapped[int]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(CODE))
    withdrawn_why: Mapped[str | None] = mapped_column(String(LINE))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 -- a directive is given the class
        return {"version_id_col": cls.__table__.c.version} if hasattr(cls, "__table__") else {}
