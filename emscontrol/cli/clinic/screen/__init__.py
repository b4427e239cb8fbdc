"""`emscontrol screen`: questions, answers, and what stands in the way of a session."""
