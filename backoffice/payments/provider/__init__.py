"""The company that takes payments by card for us: what we ask of it (`ports`), and how we ask it (`stripe_payments`).
Nothing in this room ever has a card number or a security code."""
