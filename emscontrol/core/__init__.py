"""The shared words: units as integers, pulses and trains, the Stimulator port, events, errors, time budget.

Standard library only, no I/O, no clock. Everything else may import this; this imports nothing of ours.
"""
