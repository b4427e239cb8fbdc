"""`emscontrol patient`: by code; a name is optional and kept apart."""
