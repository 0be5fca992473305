"""What the simulators of the Stripe API share: its form, its errors, idempotency, webhooks, faults and a clock, in one
SQLite file.
"""
