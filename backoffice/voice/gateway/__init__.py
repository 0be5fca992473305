"""Calls of up to two telephones: joins them, parts them, says and asks something on one, and keeps digits to itself."""
