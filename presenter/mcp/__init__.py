"""MCP: an assistant writes lessons and has them made, by tools that are each one call of the studio.

Served at ``/mcp`` (streamable HTTP, with a token, for known hosts and origins only) and on standard input and
output (``presenter mcp``), where whoever starts it is the owner.
"""

from presenter.mcp.server import build, mount

__all__ = ["build", "mount"]
