"""The inbox: takes every mail, text message and letter that the embedded stack sends, keeps it, and shows it on a page.

Nothing leaves the machine. It is a tool beside the product, with its own SQLite file.
"""
