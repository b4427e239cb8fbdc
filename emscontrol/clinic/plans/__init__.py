"""What was prescribed, and how it goes on.

    pinned       a protocol's text as it was when it was prescribed, by its hash
    suggest      which protocols of the library come to mind for a patient; pure
    prescribe    making a plan;  upkeep: changing, pausing, finishing it, taking it back
    rules        how a plan may go on, from `progression.yaml`
    progression  facts to at most one proposed step, with its reason; pure
    facts        those facts, from the book
    steps        proposals that a person accepts or refuses, and the protocol that follows from them

Nothing changes by itself: a step is proposed with its reason, and a person accepts it. No step knows a current.
"""
