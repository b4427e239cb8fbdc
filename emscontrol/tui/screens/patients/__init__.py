"""Everybody, and one patient's page."""
