"""Rows of which each may come twice: one statement writes the first, and says of the second that it is there."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model
from psycopg import sql

_INSERT = sql.SQL("INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT ({unique}) DO NOTHING")


def insert_or_ignore(row: Model, *, unique: str) -> bool:
    """Inserts the row; False where one with the same value of the unique field is there, which stays as it is.

    While another transaction inserts the same value it waits for the end of that, so that exactly one gets True. The
    row does not learn its key. Nothing is read first and no savepoint is needed, unlike with `get_or_create`.
    """
    fields = [field for field in row._meta.local_concrete_fields if field is not row._meta.pk]
    columns = {field.name: sql.Identifier(str(field.column)) for field in fields}
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    insert = _INSERT.format(
        table=sql.Identifier(row._meta.db_table),
        columns=sql.SQL(", ").join(columns.values()),
        values=sql.SQL(", ").join(sql.Placeholder() * len(fields)),
        unique=columns[unique],
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, values)
        return bool(cursor.rowcount)
