"""What next?

    entry    one appointment of a day with what is due before it;  DUE: everything that can be due, as a table
    due      what is due for many patients at once, each kind with one statement
    standing what of the screening stands in the way, where the pads of a plan are
    skin     marks and burns of the skin, which keep the next session from starting
    agenda   a day, and what comes next for one patient

It tells what to look at; whether a session may start is judged anew when it is prepared and again by the engine.
"""
