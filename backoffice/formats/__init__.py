"""How dates and times are written on the pages of records, for each language; see `FORMAT_MODULE_PATH`."""
