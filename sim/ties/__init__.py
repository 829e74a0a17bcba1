"""Ties between people: networks generated, or read from a file."""
