"""Was it safe? Judges the evidence of a trial with figures and arithmetic of its own.

Nothing here imports the rules, the gate, the compiler or the drivers: limits are copied from the sheets with their sources, and
what a protocol asks for is worked out again from its plain data.
"""
