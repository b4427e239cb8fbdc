"""`emscontrol outcome`: what was measured of a patient, and how it goes."""
