"""Telephones for tests and the demonstration: each is a real SIP phone (baresip) in a process of its own."""
