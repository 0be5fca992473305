"""What the voice gateway says: amounts and codes in words, the speaker that reads them out, and the kept prompts."""
