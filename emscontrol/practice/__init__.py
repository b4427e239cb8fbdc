"""What does a clinic look like? A practice book with invented people whose sessions really ran, on simulators, in virtual time.

    cast       who they are, as a table
    muscle     how a simulated muscle grows with what it was given, and what a therapist would measure of it
    week       one patient's weeks: measure, screen, run, hand in, decide
    clinic     the whole: staff, stimulators, patients, calendar, in one book

Nobody here is real, and no figure here may serve as one of a person.
"""
