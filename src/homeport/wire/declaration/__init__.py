"""What a project declares to be run: one file a format, text -> services.

Everything here is pure: bytes that somebody read go in, services of the model come out, or all
mistakes at once.
"""
