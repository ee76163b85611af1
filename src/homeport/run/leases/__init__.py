"""Leases: ports that are promised to somebody, and held so that nobody else gets them."""

from homeport.run.leases.acquire import acquire
from homeport.run.leases.lease import Lease
from homeport.run.leases.listing import held_ports, listed, taken_by_lease

__all__ = ["Lease", "acquire", "held_ports", "listed", "taken_by_lease"]
