"""Plans and when their sessions are."""
