"""Numbers, amounts of money, codes and dates as words that can be read out, in each language that we speak."""
