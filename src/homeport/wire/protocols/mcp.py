"""The Model Context Protocol over HTTP, by the program alone.

No request tells it without leaving something behind: `initialize` makes a session, and a GET opens
an event stream, which the older transport answers with a session of its own, and which any other
application answers by running a handler.
"""

from __future__ import annotations

from homeport.wire.protocols import Protocol

PROTOCOL = Protocol(
    name="mcp",
    source="https://modelcontextprotocol.io/specification/2025-06-18/basic/transports",
    programs={
        "fastmcp run": "FastMCP",
        "mcp run": "MCP server",
        "mcp-proxy": "mcp-proxy",
        "supergateway": "Supergateway",
        "@playwright/mcp": "Playwright MCP",
    },
    over="http",
)
