"""A web address of the member's own, to which a JSON text is posted."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import Mapping
from pathlib import Path

import httpx

from laurel.core.errors import BadField
from laurel.node.services.failing import MAX_ANSWER_BYTES, ServiceFailed, too_late, too_long
from laurel.node.services.settings import HttpEngine, Webhook, read_secret

SIGNATURE = "X-Laurel-Signature"
ERRAND = "X-Laurel-Errand"
"""By what the receiver knows that it has seen an errand before: one may come twice."""


async def post(service: Webhook | HttpEngine, body: bytes, key: str) -> str:
    """What it answered. Raises ServiceFailed: not reached, another status than 2xx, too long, too late."""
    try:
        async with asyncio.timeout(service.timeout_s):
            return await _post(service, body, key)
    except TimeoutError:
        raise too_late(service.timeout_s) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, BadField) as error:
        raise ServiceFailed(why=f"{type(error).__name__}: {error}") from None


async def _post(service: Webhook | HttpEngine, body: bytes, key: str) -> str:
    headers = _headers(service, body, key)
    async with (
        # A proxy of the machine's environment is not among those who may read this.
        httpx.AsyncClient(trust_env=False, timeout=service.timeout_s, verify=trusting(service.authority)) as to,
        to.stream("POST", service.url, content=body, headers=headers) as answer,
    ):
        if not answer.is_success:
            raise ServiceFailed(why=f"it answered HTTP {answer.status_code}")
        parts: list[bytes] = []
        length = 0
        async for part in answer.aiter_bytes():
            parts.append(part)
            length += len(part)
            if length > MAX_ANSWER_BYTES:
                raise too_long()
        return b"".join(parts).decode(errors="replace")


def _headers(service: Webhook | HttpEngine, body: bytes, key: str) -> Mapping[str, str]:
    secret = service.secret_file if isinstance(service, Webhook) else None
    return {
        **service.headers,
        **{name: read_secret(file) for name, file in service.header_files.items()},
        "Content-Type": "application/json",
        ERRAND: hashlib.sha256(key.encode()).hexdigest(),
        **({} if secret is None else {SIGNATURE: signature(read_secret(secret), body)}),
    }


def signature(secret: str, body: bytes) -> str:
    """By which the receiver knows that it was us: HMAC-SHA-256 of the very bytes that are posted."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def trusting(authority: Path | None) -> ssl.SSLContext:
    """TLS that believes this authority, or those that the machine believes. Raises OSError, ValueError."""
    return ssl.create_default_context(cafile=authority)
