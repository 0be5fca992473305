"""The database's engine: Django's own for PostgreSQL, whose pool is whole again soon after the database was away."""
