"""One module for each way to speak with a registry through `domains.ports`; today EPP."""
