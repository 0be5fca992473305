"""Telephone calls by SIP (RFC 3261): messages, transport, transactions, dialogs and calls. It knows no sound."""
