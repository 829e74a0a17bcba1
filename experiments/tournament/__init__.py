"""Strategies run against each other: payoffs by profile, equilibria, and what survives."""
