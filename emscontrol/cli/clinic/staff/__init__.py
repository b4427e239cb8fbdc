"""`emscontrol staff`: who works here, and who is at this desk."""
