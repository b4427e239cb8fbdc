"""A simulated stimulator of the open reference protocol, written from `docs/reference-protocol.md` alone."""
