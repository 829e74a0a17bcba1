"""The market as users of Mesa see it."""
