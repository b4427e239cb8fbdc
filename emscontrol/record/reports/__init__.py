"""What was delivered, for somebody to read: a report as blocks, written as a page, as PDF or as text."""
