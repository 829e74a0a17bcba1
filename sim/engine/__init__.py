"""The engine: compiled rules, tables that grow, a calendar, draws. It knows no marketing."""
