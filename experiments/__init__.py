"""Studies on the market: design, run, store, compare and show."""
