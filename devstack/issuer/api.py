"""The endpoints of the Stripe API that cards need."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from devstack.issuer.cards import STEPS, Cards
from devstack.issuer.store import Store
from devstack.issuer.uses import Uses
from devstack.stripe_api.endpoint import Endpoint, page_of, page_size
from devstack.stripe_api.errors import ApiError, not_one_of
from devstack.stripe_api.store import Json


class Api:
    """The routes under `/v1`."""

    def __init__(self, *, endpoint: Endpoint, store: Store, cards: Cards, uses: Uses) -> None:
        self._endpoint, self._store, self._cards, self._uses = endpoint, store, cards, uses

    def routes(self) -> list[Route]:
        """Every endpoint that is spoken here."""
        route = self._endpoint.route
        card = "/v1/issuing/cards/{id}"
        wallet = "/v1/issuing/tokens/{id}"
        steps = "|".join(STEPS)
        return [
            route("GET", "/v1/issuing/transactions", "look", lambda _, told: self._uses.payments(told)),
            route("GET", "/v1/issuing/tokens", "look", lambda _, told: self._uses.tokens(told)),
            route("GET", wallet, "look", lambda r, _: self._uses.token(r.path_params["id"])),
            route("POST", wallet, "update", lambda r, told: self._uses.update_token(r.path_params["id"], told)),
            route("GET", "/v1/issuing/cards", "look", self._list),
            route("POST", "/v1/issuing/cards", "create", lambda _, told: self._cards.create(told)),
            route("GET", card, "look", self._retrieve),
            route("POST", card, "update", lambda r, told: self._cards.update(r.path_params["id"], told)),
            route("POST", "/v1/issuing/cardholders", "holder", lambda _, told: self._cards.new_holder(told)),
            route(
                "POST",
                "/v1/test_helpers/issuing/cards/{id}/shipping/{step}",
                "step",
                lambda r, told: self._step(r.path_params["id"], r.path_params["step"], steps),
            ),
        ]

    def _retrieve(self, request: Request, told: Json) -> Json:
        return self._expanded(self._cards.find(request.path_params["id"]), told)

    def _list(self, _request: Request, told: Json) -> Json:
        size = page_size(told)
        if told.get("status") not in (None, "active", "canceled", "inactive"):
            raise not_one_of("status", ("active", "canceled", "inactive"))
        after = told.get("starting_after")
        if after:
            self._cards.find(after, param="starting_after", status=400)
        found = self._store.cards(limit=size + 1, after=after, status=told.get("status"))
        return page_of("/v1/issuing/cards", found, size)

    def _step(self, token: str, step: str, steps: str) -> Json:
        if step not in STEPS:
            raise ApiError(f"Unrecognized request URL; steps are {steps}.", status=404)
        return self._cards.step(token, step)

    def _expanded(self, card: Json, told: Json) -> Json:
        for name in told.get("expand", []):
            if name not in ("replaced_by", "replacement_for"):
                raise ApiError(f"This property cannot be expanded ({name}).", param="expand")
            if card[name]:
                card[name] = self._cards.find(card[name])
        return card
