"""The gateway: one process for each user, which reaches every service under its name.

`registration` is how a supervisor tells it of services, `routes` which name leads where, `pages`
what is said where nothing can be reached, `policy` what becomes of a request, and `serving` the
process. Sockets are in `host.relaying` alone.
"""
