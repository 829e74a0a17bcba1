"""What brands do: one strategy, one file. Files in this folder are found by themselves."""
