"""What was delivered: journals, verified or not, and what happened when a program died."""
