"""`python -m homeport` is `homeport`."""

from __future__ import annotations

from homeport.cli.main import entry

if __name__ == "__main__":
    entry()
