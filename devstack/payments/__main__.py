"""`python -m devstack.payments --port N --data DIR [--webhook-url URL]`, with its secrets in the environment."""

from __future__ import annotations

from devstack.payments.app import build
from devstack.stripe_api import serving


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit 1 if a secret is missing."""
    told = serving.arguments("payments", "The simulator of the payment provider.").parse_args()
    key, webhook_secret = serving.secrets_of("PAYMENTS_KEY", "PAYMENTS_WEBHOOK_SECRET")
    options = serving.Options(data=told.data, webhook_url=told.webhook_url, key=key, webhook_secret=webhook_secret)
    serving.serve(build(options), port=told.port, name="payments")


if __name__ == "__main__":
    main()
