"""The embedded account updater, and billers: a small separate service that takes request files of cards' payments,
answers them later in response files, and takes our webhooks as a biller's system would. It has faults that can be
switched on. It is a tool for development and tests, on loopback only, and knows no card number.
"""
