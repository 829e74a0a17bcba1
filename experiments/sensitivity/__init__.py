"""The study of which parameters drive a response, in a market that is noisy."""
