"""The embedded issuer: a small service of its own that speaks the card endpoints of the Stripe Issuing API.

It keeps what it is told in one SQLite file, ships and delivers by command or by clock, signs and repeats its webhooks,
and has faults that can be switched on. A tool for developing and testing, on loopback only; it knows no card number.
"""
