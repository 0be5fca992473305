"""The voice gateway: a process of its own that joins, parts and listens to telephone calls. It knows no database."""
