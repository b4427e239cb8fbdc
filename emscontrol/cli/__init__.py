"""The command line: one verb a file, each parses, calls and prints. Standard output is data, standard error is talk."""
