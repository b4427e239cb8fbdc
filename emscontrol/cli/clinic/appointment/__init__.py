"""`emscontrol appointment`: when."""
