"""Refusals in the shape of the Stripe API: https://docs.stripe.com/api/errors."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """`status` is HTTP's; `type`, `code` and `param` are for machines, `message` for the developer."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", code: str = "", param: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": {"type": kind, "message": message}}
        if code:
            self.body["error"]["code"] = code
        if param:
            self.body["error"]["param"] = param


def missing(param: str) -> ApiError:
    return ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown_parameter(param: str) -> ApiError:
    return ApiError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def not_one_of(param: str, allowed: tuple[str, ...]) -> ApiError:
    return ApiError(f"Invalid {param}: must be one of {', '.join(allowed)}", param=param)


def no_such(what: str, token: str, *, param: str = "id", status: int = 404) -> ApiError:
    return ApiError(f"No such {what}: '{token}'", status=status, code="resource_missing", param=param)
