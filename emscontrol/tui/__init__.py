"""The therapist's view: choose a protocol and a stimulator, run a session, stop it.

A client of the engine process like any other: it shows what the engine says and asks for what a person wants.
The way of a STOP key:

    keyboard   which bytes mean STOP; what typed-ahead and pasted bytes may still do
    driver     reads the terminal in a thread of its own and looks for STOP before anything else does
    stop_road  the connection that only carries stops
    app        the ordinary handler of the same keys, the second road

    link       the engine process seen from here; messages: what it says, as the screens receive it
    commands   one table for bindings, footer and help;  looks: how states and alarms appear
    choices, figures, words   what is on offer, figures in and out of text, a protocol in plain words
"""

import os

# The screen library takes orders from these variables: to type keys, to read the terminal by another driver than the one that
# looks for STOP, to let Ctrl+C and Ctrl+Z be signals, to write what stands on the screen into files. No module of this package
# is there without this one, so the library, which reads them once, finds none.
for _name in [name for name in os.environ if name.startswith("TEXTUAL")]:
    del os.environ[_name]
