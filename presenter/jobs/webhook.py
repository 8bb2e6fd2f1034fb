"""The webhook: an address of the operator that is told of every ended job, signed.

Only the settings name it, never a request, so nobody can make this server call an address of their choice.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import time
import urllib.request

from presenter.jobs.job import Job
from presenter.settings import Settings

log = logging.getLogger("presenter.jobs")


def tell(job: Job, settings: Settings) -> bool:
    """Tell of one ended job; true when it need not be told again.

    The body is JSON: id, owner, state, ended, and the error's code. The header ``X-Presenter-Signature`` is
    ``t=<seconds>,v1=<hex>``, where the hex is HMAC-SHA256 over ``<seconds>.<body>`` with the secret.
    """
    body = json.dumps(
        {
            "id": job.id,
            "owner": job.owner,
            "state": job.state,
            "ended": job.ended,
            "error": job.error.code if job.error else None,
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Presenter-Signature": sign(body, settings.webhook_secret.get_secret_value()),
    }
    request = urllib.request.Request(settings.webhook, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status < 300)
    except (OSError, ValueError, http.client.HTTPException) as error:
        log.warning("the webhook did not take the message (%s)", type(error).__name__, extra={"job": job.id})
        return bool(job.ended and time.time() - job.ended > 86400)  # tried for a day


def sign(body: bytes, secret: str, seconds: int | None = None) -> str:
    """The signature of a body; the time in it keeps old messages from being sent again."""
    when = int(time.time()) if seconds is None else seconds
    mac = hmac.new(secret.encode(), f"{when}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={when},v1={mac}"
