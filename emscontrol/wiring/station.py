"""The key of this station, for whoever opens a journal."""

from datetime import datetime

from emscontrol.record.key_files import key_folder, station_signer
from emscontrol.record.signing import Signer


def signer_of(home: str) -> Signer:
    """The station's key below `home` or in the user's data, made now at the first use. Raises StorageError."""
    return station_signer(key_folder(home), datetime.now().astimezone().isoformat(timespec="seconds"))
