"""The market: people, brands, and what happens between them, a day at a time."""
