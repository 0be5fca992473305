"""The embedded issuer: a small separate service that speaks the card endpoints of the Stripe Issuing API. It stores
everything in one SQLite file, ships and delivers on command or by the clock, signs and repeats its webhooks, and has
faults that can be switched on. It is a tool for development and tests, on loopback only, and knows no card number.
"""
