"""The transport under the `stripe` library: one pool of open connections for all threads, with short time-outs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import stripe
import urllib3

stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)

_ONCE = urllib3.Retry(total=False, redirect=False)
"""The library repeats requests, because it keeps the key."""


class NotConnected(stripe.APIConnectionError):
    """There was no connection, so nothing was sent."""


class PooledClient(stripe.HTTPClient):
    """Cheaper than the library's `requests` client: no session for each thread, no look at the environment at each
    call.

    `connect` and `read` are seconds. A proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is looked up once. Every
    error on the way is a `stripe.APIConnectionError`, whose message holds no address and no content; it is
    `NotConnected` where nothing can have been sent.
    """

    name = "urllib3"

    def __init__(self, *, url: str, connect: float, read: float, connections: int = 32) -> None:
        super().__init__()
        self._timeout = urllib3.Timeout(connect=connect, read=read)
        self._pool = _pool(url, connections)

    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Makes one attempt; the library repeats it if it is told to."""
        try:
            answer = self._pool.request(
                method.upper(),
                url,
                headers=headers,
                body=post_data,
                timeout=self._timeout,
                retries=_ONCE,
                redirect=False,
            )
        except urllib3.exceptions.SSLError:
            raise _failed("tls", again=False) from None
        except urllib3.exceptions.NewConnectionError:
            raise _failed("connection", again=True, sent=False) from None
        except urllib3.exceptions.ConnectTimeoutError:
            raise _failed("connect_timeout", again=True, sent=False) from None
        except urllib3.exceptions.TimeoutError:
            raise _failed("no_answer_in_time", again=True) from None
        except urllib3.exceptions.HTTPError:
            raise _failed("connection", again=True) from None
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        self._pool.clear()


def _pool(url: str, connections: int) -> urllib3.PoolManager:
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, maxsize=connections, ca_certs=stripe.ca_bundle_path)
    return urllib3.PoolManager(maxsize=connections, ca_certs=stripe.ca_bundle_path)


def _failed(reason: str, *, again: bool, sent: bool = True) -> stripe.APIConnectionError:
    kind = stripe.APIConnectionError if sent else NotConnected
    return kind(reason, should_retry=again)  # type: ignore[no-untyped-call]
