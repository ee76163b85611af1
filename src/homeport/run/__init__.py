"""Processes that come and go by Homeport's hand; so far, ending the one behind a listener."""
