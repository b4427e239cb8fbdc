"""Where are we now? The table of states, the engine (no I/O), the process it runs in, and the handle to that process."""
