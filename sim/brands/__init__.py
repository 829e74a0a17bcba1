"""Brands: their portfolios, journeys and budgets; what they see, and what they ask for."""
