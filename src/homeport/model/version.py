"""The version of this program: stated once, and below every room, so that each may say it."""

__version__ = "0.1.0"
