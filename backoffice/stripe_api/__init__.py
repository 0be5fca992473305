"""What every adapter on the Stripe API shares: the transport, and the check of what it signs."""
