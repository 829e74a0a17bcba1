"""What happens in a market: `study: run`."""
