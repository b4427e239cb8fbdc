"""Everything that a session needs to know: one appointment as one value, from the book or from the day that is kept locally.

prescription   the value, and how it travels
prescribe      from the book, with every reason why it cannot be given
on_its_day     is it of today? pure
"""
