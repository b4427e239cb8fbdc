"""A simulated HASOMED P24 Science (ScienceMode 4): its own codec, its states, and what it puts out."""
