"""The HTTP API: videos ordered and fetched by programs, below ``/api/v1``.

Every request shows a token (``presenter token create``); a job, an upload or an enrolled voice of somebody
else does not exist. Errors are ``application/problem+json`` (RFC 9457) with the same codes as everywhere.
"""

from presenter.api.application import PREFIX, build

__all__ = ["PREFIX", "build"]
