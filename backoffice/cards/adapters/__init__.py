"""One module per outside company that can stand behind `cards.ports`."""
