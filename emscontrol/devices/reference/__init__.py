"""The reference stimulator: our own open protocol, `docs/reference-protocol.md`."""
