"""A book on SQLite alone, for tables of cases whose SQL the other tests try on both databases."""

from tests.clinic.plans.conftest import sqlite_book

__all__ = ["sqlite_book"]
