"""The engine of the gateway: sockets, and what moves between them, in one thread on one epoll.

Nothing here knows a route. What becomes of a connection is the `Policy`'s to say (`verdicts`);
this package accepts, reads the first head, connects and relays, within limits.
A backend's connection belongs to one client's connection, from the first byte to the last; it is
never used for another, so nothing of one client can come into the stream of another.
"""
