"""Payments: the provider, the ledger, merchants, and the processes about them."""
