"""The screens: setup, session, and the modal ones above them (help, output unknown)."""
