"""Who, what and when? The clinic's book: people, screening, thresholds, plans, appointments, the index of sessions.

    tables         the rows, as typed mappings
    book           how a book is kept: opened, made, upgraded, audited, backed up
    staff          who may do what: roles, PINs, logins
    patients       people by code, their muscles, thresholds, outcomes, electrode sets
    screening      the questions, what was answered, and what stands in the way of a session
    plans          what was prescribed, and how it goes on
    appointments   when: recurrence, opening hours, conflicts, waiting list, calendar files
    agenda         what next?
    sessions       what happened, as the journals tell it
    stations       several stations on one book: who holds a stimulator, working without the book, handing journals in
    prescription   everything that a session needs to know, in one value

No call here reads a clock: `now` comes in as an argument, aware of its time zone.
"""
