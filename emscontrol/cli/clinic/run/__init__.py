"""The session of an appointment: what the book knows before it, who holds the stimulator meanwhile, what is handed in after."""
