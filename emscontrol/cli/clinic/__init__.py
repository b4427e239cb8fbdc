"""Where are the verbs of the book?

    verbs      the tables: every verb below `patient`, `screen`, `plan` and so on, and where it is
    command    what they share: `--json`, refusals as facts, asking on a terminal for what is missing
    desk       the open book, and who is at it
    typed      days, times, amplitudes and sizes as they are typed
    printing   rows and facts, for people and for programs

This package alone reads the clock for the book, and prints.
"""
