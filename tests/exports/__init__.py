"""What was exported, read back by the programs that others use."""
