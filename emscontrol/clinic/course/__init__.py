"""What became of a plan, or of a patient, over the weeks: gathered from the book, and put together as a report.

    course    everything that the report knows, as plain values
    read      gathers it, in as many statements for a long history as for a short one
    rows      sessions, levels and outcomes as they stand in the book
    records   each kept journal looked at once more, and held against the index
    weeks     how each appointment stands, week by week, and what was delivered in it; pure
    report    the report;  words, now, plan_part, levels_part, outcomes_part, sessions_part: its parts

Adherence is `emscontrol.clinic.sessions.adherence` and nothing else; what is in the way is what the patient's page says.
"""
