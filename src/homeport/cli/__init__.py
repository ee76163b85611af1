"""The command line: one module a command, which calls `homeport.api` and prints a report."""
