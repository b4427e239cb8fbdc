"""Several stations on one book, and each of them without it for a while.

stimulators  the clinic's stimulators, by name
holds        a stimulator is held by one session at a time, across the clinic
outbox       journals that the book has not confirmed yet, handed in exactly once
day          the day's agenda in a file, to work from while the book is out of reach
files        small files that are there whole or not at all
"""
