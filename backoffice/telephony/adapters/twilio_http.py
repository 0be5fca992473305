"""The transport under the `twilio` library: one pool of open connections for all threads, with short time-outs, and
errors that say whether the request can have been taken."""

from __future__ import annotations

import logging
from urllib.parse import urlencode, urlsplit

import urllib3
from twilio.http import HttpClient
from twilio.http.response import Response

from backoffice.telephony.ports import NoAnswer, NotSent

LIBRARY_URL = "https://api.twilio.com"
"""With which the library begins every address."""
_NEVER_AGAIN = urllib3.Retry(total=False, redirect=False)


class PooledClient(HttpClient):  # type: ignore[misc]
    """`url` is the provider's base address, in a region of its own or elsewhere; `connect` and `read` are seconds.

    Raises `NotSent` where no connection came about, `NoAnswer` for everything that went wrong afterwards.
    """

    def __init__(self, *, url: str, connect: float, read: float) -> None:
        super().__init__(logging.getLogger(__name__), False, None)
        self._url = url.rstrip("/")
        self._pool = urllib3.PoolManager(maxsize=16, timeout=urllib3.Timeout(connect=connect, read=read))

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One attempt, without redirects."""
        account, token = auth or ("", "")
        sent = {**(headers or {}), **urllib3.make_headers(basic_auth=f"{account}:{token}")}
        address = self._url + url.removeprefix(LIBRARY_URL) + (f"?{urlencode(params, doseq=True)}" if params else "")
        body = urlencode(data, doseq=True) if data else None
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = self._pool.request(
                method.upper(), address, headers=sent, body=body, retries=_NEVER_AGAIN, redirect=False
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            raise NotSent("no_connection") from None
        except urllib3.exceptions.SSLError:
            raise NotSent("tls") from None
        except urllib3.exceptions.TimeoutError:
            raise NoAnswer("no_answer_in_time") from None
        except urllib3.exceptions.HTTPError:
            raise NoAnswer("connection_broken") from None
        return Response(answer.status, answer.data.decode(errors="replace"), answer.headers)

    def __repr__(self) -> str:
        return f"<PooledClient to {urlsplit(self._url).hostname}>"
