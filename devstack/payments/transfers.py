"""What goes on to the accounts of merchants: connected accounts, what the provider keeps of a payment, transfers, and
their reversals. Each function is called in a transaction.

Rules: https://docs.stripe.com/api/transfers, https://docs.stripe.com/connect/separate-charges-and-transfers,
https://docs.stripe.com/api/balance_transactions.
"""

from __future__ import annotations

from devstack.payments.currencies import NO_DECIMALS, THREE_DECIMALS, currency_of
from devstack.payments.intents import Emit, Intents
from devstack.payments.store import Kind, Store
from devstack.stripe_api.errors import ApiError, missing, not_one_of
from devstack.stripe_api.params import integer, metadata_of, only
from devstack.stripe_api.store import Json

CREATE = {"amount", "currency", "destination", "metadata", "source_transaction", "transfer_group"}
STATES = ("active", "inactive")
POINTS, FIXED = 150, 25
"""What is kept of each payment: so many hundredths of a percent, and so much of the smallest unit."""


def fee_of(amount: int, currency: str) -> int:
    """In the API's unit, and never more than the payment."""
    fee = (amount * POINTS + 5_000) // 10_000 + (0 if currency.upper() in NO_DECIMALS else FIXED)
    if currency.upper() in THREE_DECIMALS:
        fee = (fee + 9) // 10 * 10
    return min(fee, amount)


class Fees:
    """A balance transaction for each charge whose money moved."""

    def __init__(self, store: Store, intents: Intents) -> None:
        self._store, self._intents, self._then = store, intents, intents.on_paid
        intents.on_paid = self._paid

    def _paid(self, charge: Json, behaviour: str) -> None:
        fee = fee_of(charge["amount_captured"], charge["currency"])
        moved = self._store.new(
            Kind.BALANCE,
            amount=charge["amount_captured"],
            currency=charge["currency"],
            exchange_rate=None,
            fee=fee,
            net=charge["amount_captured"] - fee,
            source=charge["id"],
            status="pending",
            type="charge",
        )
        self._store.save(Kind.BALANCE, moved, owner=charge["id"])
        charge["balance_transaction"] = moved["id"]
        self._intents.save_charge(charge)
        self._then(charge, behaviour)

    def expanded(self, intent: Json, told: Json) -> Json:
        """The payment with its charge and what was kept of it, where that is asked for."""
        if not intent["latest_charge"] or "latest_charge.balance_transaction" not in (told.get("expand") or ()):
            return intent
        charge = self._intents.charge_of(intent)
        if name := charge.get("balance_transaction"):
            charge = {**charge, "balance_transaction": self._store.find(Kind.BALANCE, name)}
        return {**intent, "latest_charge": charge}

    def list(self, told: Json) -> Json:
        """The newest first, with their charges where that is asked for. Only charges move money here."""
        if told.get("type", "charge") != "charge":
            raise not_one_of("type", ("charge",))
        page = self._store.page(Kind.BALANCE, "/v1/balance_transactions", told)
        if "data.source" in (told.get("expand") or ()):
            page["data"] = [{**one, "source": self._store.find(Kind.CHARGE, one["source"])} for one in page["data"]]
        return page


class Accounts:
    """Of merchants, as the platform knows them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, told: Json) -> Json:
        only(told, {"country", "metadata", "type"})
        account = self._store.new(
            Kind.ACCOUNT,
            capabilities={"transfers": "active"},
            country=str(told.get("country") or "NL"),
            metadata=metadata_of(told),
            type=str(told.get("type") or "express"),
        )
        return self._store.save(Kind.ACCOUNT, account)

    def find(self, name: str, *, param: str = "id", status: int = 404) -> Json:
        return self._store.find(Kind.ACCOUNT, name, param=param, status=status)

    def turn(self, name: str, state: str) -> Json:
        """Whether transfers reach it: `active` or `inactive`."""
        if state not in STATES:
            raise not_one_of("transfers", STATES)
        account = self.find(name)
        return self._store.save(Kind.ACCOUNT, {**account, "capabilities": {"transfers": state}})

    def empty(self, name: str) -> Json:
        """The merchant has had all that is on it paid to its own bank."""
        account = self.find(name)
        return self._store.save(Kind.ACCOUNT, account, hidden={"gone": self._received(name)})

    def holds(self, name: str) -> int:
        """In the smallest unit of the one currency that an account has here."""
        return self._received(name) - int(self._store.hidden(name).get("gone", 0))

    def _received(self, name: str) -> int:
        transfers = (one for one in self._store.all(Kind.TRANSFER) if one["destination"] == name)
        return sum(one["amount"] - one["amount_reversed"] for one in transfers)


class Transfers:
    def __init__(self, store: Store, accounts: Accounts, emit: Emit) -> None:
        self._store, self._accounts, self._emit = store, accounts, emit

    def create(self, told: Json) -> Json:
        """Of one charge, and no more of it than was captured, whatever number of transfers it has."""
        only(told, CREATE)
        amount, currency = integer(told.get("amount"), param="amount"), currency_of(told)
        if currency.upper() in THREE_DECIMALS and amount % 10:
            raise ApiError("Amounts in this currency must end with a 0.", param="amount")
        for name in ("destination", "source_transaction"):
            if not told.get(name):
                raise missing(name)
        account = self._accounts.find(told["destination"], param="destination", status=400)
        if account["capabilities"]["transfers"] != "active":
            raise ApiError(
                "Your destination account needs to have at least one of the following capabilities enabled: transfers",
                code="insufficient_capabilities_for_transfer", param="destination",
            )  # fmt: skip
        self._check_source(told["source_transaction"], amount, currency)
        transfer = self._store.new(
            Kind.TRANSFER,
            amount=amount,
            amount_reversed=0,
            currency=currency,
            destination=account["id"],
            metadata=metadata_of(told),
            reversed=False,
            source_transaction=told["source_transaction"],
            transfer_group=told.get("transfer_group") or "",
        )
        self._save(transfer)
        self._emit("transfer.created", transfer, None)
        return transfer

    def _check_source(self, name: str, amount: int, currency: str) -> None:
        charge = self._store.find(Kind.CHARGE, name, param="source_transaction", status=400)
        if charge["currency"] != currency or not charge["captured"]:
            raise ApiError("This charge cannot be the source of this transfer.", param="source_transaction")
        others = (one for one in self._store.all(Kind.TRANSFER) if one["source_transaction"] == charge["id"])
        if sum(one["amount"] - one["amount_reversed"] for one in others) + amount > charge["amount_captured"]:
            raise ApiError("Transfers must not exceed the amount of their source.", param="amount")

    def reverse(self, name: str, told: Json) -> Json:
        """All that is left of a transfer, or a part; at most what the account holds."""
        only(told, {"amount", "metadata"})
        transfer = self.find(name)
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = integer(told["amount"], param="amount") if "amount" in told else left
        if amount > left or not left:
            raise ApiError("The reversal is greater than what is left of the transfer.", param="amount")
        if amount > self._accounts.holds(transfer["destination"]):
            raise ApiError("The account has insufficient funds for this reversal.", code="balance_insufficient")
        reversal = self._store.new(
            Kind.REVERSAL,
            amount=amount,
            currency=transfer["currency"],
            metadata=metadata_of(told),
            transfer=transfer["id"],
        )
        self._store.save(Kind.REVERSAL, reversal, owner=transfer["id"])
        before = {"amount_reversed": transfer["amount_reversed"]}
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
        self._save(transfer)
        self._emit("transfer.reversed", transfer, before)
        return reversal

    def find(self, name: str) -> Json:
        return self._store.find(Kind.TRANSFER, name)

    def list(self, told: Json) -> Json:
        return self._store.page(Kind.TRANSFER, "/v1/transfers", told, owner=str(told.get("transfer_group") or ""))

    def reversals(self, name: str, told: Json) -> Json:
        return self._store.page(Kind.REVERSAL, f"/v1/transfers/{name}/reversals", told, owner=name)

    def _save(self, transfer: Json) -> None:
        self._store.save(Kind.TRANSFER, transfer, owner=transfer["transfer_group"])
