"""What has to be asked of a patient, what was answered, and what stands in the way of a session.

    rules.yaml, checks.yaml   the questions, the checks of every session and the criteria for stopping, as data
    load                      those files as values
    plain                     what they mean, in the words of whoever stands at the stimulator
    answering                 asking, and what is due
    unanswered                how much of it is open, in a sentence
    overrides                 a specialist takes a rule upon himself
    acknowledging             a caution was read
    on_record                 what implants, conditions and feeling say by themselves
    trusted                   rows that nobody has changed behind the program's back
    checks                    what is ticked before every session, and when one is stopped
    facts                     all of it for one patient and one plan, ready to be judged

The judgement itself is in `emscontrol.safety.screening`, because the engine makes it again.
"""
