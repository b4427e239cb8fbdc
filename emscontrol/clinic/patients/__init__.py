"""People by code, and what is known of them.

    patients        the codes, and apart from them the names
    conditions      what somebody is treated for
    muscles         nerve and feeling of each muscle
    implants        what is in the body
    place           a muscle of the catalogue and its side
    thresholds      thresholds as they were measured
    carry           a threshold at another pulse width (pure)
    lookup          the level that holds today
    measures        every outcome that can be measured, in which unit and range
    outcomes        what was measured
    trends          how it goes (pure)
    electrode_sets  pads, their uses and their renewal
    withdrawing     taking back one thing of a record
    page            everything that a patient's page shows
    page_rows       what stands on it
    page_parts      each part of it, one statement of SQL each
    page_alerts     what to look at first

Nothing here is deleted; the one thing that can be erased is a name.
"""
