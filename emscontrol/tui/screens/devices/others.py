"""Sessions of this user in other terminals: which run, and stopping them."""

import os
from collections.abc import Sequence
from typing import Final

from emscontrol.session.endpoint import Address
from emscontrol.session.handle import running_engines, stop_engines

LOOK_S: Final = 0.3
UNCONFIRMED: Final = "unconfirmed"


def others(home: str) -> list[Address]:
    """The engines that listen; one that was killed has left its announcement behind and does not."""
    return [address for address in running_engines(home) if _listens(address)]


def stop_others(addresses: Sequence[Address]) -> dict[int, str]:
    """`stopped`, `unconfirmed` or `not running` by the process of the engine."""
    return stop_engines(addresses, f"emscontrol screen, process {os.getpid()}")


def _listens(address: Address) -> bool:
    """One that cannot be reached in time may still be at work, so it counts."""
    try:
        address.connect(LOOK_S).close()
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    except OSError:
        return True
    return True
