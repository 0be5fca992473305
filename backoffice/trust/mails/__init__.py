"""Reading a mail as it came, or as a file: whether it can be read in one way only, and what people may see of it."""
