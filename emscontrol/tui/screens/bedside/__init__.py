"""At the patient: checks, measuring, and what is written down after a session."""
