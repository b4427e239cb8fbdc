"""Python's collector of rubbish, kept from standing in a STOP's way.

Its great round goes through every object of the program and holds all threads meanwhile, the one that reads the terminal too:
100 to 200 ms with the screens loaded (bench/stop_road.py found them). While a session is open it passes over everything that
was there before.
"""

import gc


def set_aside() -> None:
    """One great round now, before an engine is started; what is left is not looked at again until `take_back`."""
    gc.collect()
    gc.freeze()


def take_back() -> None:
    """No session is open: the collector may look at everything."""
    gc.unfreeze()
