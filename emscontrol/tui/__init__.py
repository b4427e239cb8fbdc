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
