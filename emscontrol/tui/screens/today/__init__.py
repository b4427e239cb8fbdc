"""Who comes today, what is due, the stimulators."""
