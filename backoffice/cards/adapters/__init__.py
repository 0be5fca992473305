"""One module for each outside company that can issue cards through `cards.ports`."""
