"""The embedded registry: a small separate service that speaks EPP (RFC 5730, 5731, 5733) over TLS (RFC 5734). It keeps
domains, contacts, pending transfers and each registrar's messages in one SQLite file, has a clock that can be moved,
other registrars who act, and faults that can be switched on. It is a tool for development and tests, on loopback only.
"""
