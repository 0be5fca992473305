"""The pages of payments by telephone: the console of a merchant's agents, what customers and staff see, and the API."""
