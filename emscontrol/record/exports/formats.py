"""The formats, as a table: how each is opened, and whether a data dictionary stands beside its files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.record.exports.bids import BidsDataset
from emscontrol.record.exports.edf import EdfFiles
from emscontrol.record.exports.fhir.bundle import FhirBundles
from emscontrol.record.exports.parquet import ParquetTables
from emscontrol.record.exports.place import ExportFolder
from emscontrol.record.exports.sinks import Sink
from emscontrol.record.exports.text import CsvTables, JsonLines


@dataclass(frozen=True, slots=True)
class Format:
    """One format of exports. `make` raises ImportError when its library is not installed."""

    name: str
    make: Callable[[ExportFolder, bool], Sink]
    dictionary: bool = True

    def open(self, folder: ExportFolder, nameless: bool) -> Sink:
        """Begin an export into this folder. Raises UsageError without the library that it needs."""
        try:
            return self.make(folder, nameless)
        except ImportError as problem:
            raise UsageError(
                f"{self.name} needs a library that is not installed: {problem.name}.",
                "Install it with: pip install 'emscontrol[export]'",
            ) from problem


_ROWS: Final = (
    Format("csv", CsvTables),
    Format("jsonl", JsonLines),
    Format("parquet", ParquetTables),
    Format("edf", EdfFiles, dictionary=False),
    Format("bids", BidsDataset, dictionary=False),
    Format("fhir", FhirBundles, dictionary=False),
)

FORMATS: Final[Mapping[str, Format]] = {row.name: row for row in _ROWS}
