"""The study of which markets the data do not rule out: history matching in waves."""
