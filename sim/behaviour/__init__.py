"""How people behave. Each file has scalar rules, said of one person, and the loop that runs them."""
