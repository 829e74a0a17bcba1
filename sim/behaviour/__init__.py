"""How people behave: in each file scalar rules, said of one person, and the loops that run them."""
