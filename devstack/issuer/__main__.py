"""`python -m devstack.issuer --port N --data DIR [--webhook-url URL]`, with its secrets in the environment."""

from __future__ import annotations

from devstack.issuer.app import Options, build
from devstack.issuer.cards import Post
from devstack.stripe_api import serving

DAY = 86400.0


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit 1 if a secret is missing."""
    parser = serving.arguments("issuer", "The issuer simulator.")
    parser.add_argument("--ship-after", type=float, default=DAY, metavar="S", help="seconds until a letter leaves")
    parser.add_argument("--deliver-after", type=float, default=2 * DAY, metavar="S", help="seconds that it travels")
    told = parser.parse_args()
    key, webhook_secret = serving.secrets_of("ISSUER_KEY", "ISSUER_WEBHOOK_SECRET")
    post = Post(ship_after=told.ship_after, deliver_after=told.deliver_after)
    options = Options(data=told.data, webhook_url=told.webhook_url, key=key, webhook_secret=webhook_secret, post=post)
    serving.serve(build(options), port=told.port, name="issuer")


if __name__ == "__main__":
    main()
