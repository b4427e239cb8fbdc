"""What happened, as the journals tell it.

    content       a journal's files as the bytes that are handed in
    reckoning     what was given in a session whose record has no end
    read_journal  a journal's records as one value
    clocks        whether a session can have been when its journal says
    settling      which sessions of an appointment count, and whether it is done
    index         handing a journal in, exactly once;  rebuild: the whole index made again
    adherence     what was delivered of what was prescribed

The journals are the truth. The index of sessions only repeats what they say and can be thrown away.
"""
