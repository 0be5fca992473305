"""The embedded payment provider: a small separate service that speaks the payment endpoints of the Stripe API. It keeps
everything in one SQLite file, signs and repeats its webhooks, serves the page on which somebody pays, and has faults
that can be switched on. It is a tool for development and tests, on loopback only. Of a card it keeps brand, last four,
expiry and a keyed hash, never the number or the security code.
"""
