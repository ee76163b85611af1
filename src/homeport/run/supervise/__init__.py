"""Runs the services of a project: what each does next, when it is well, what it prints."""
