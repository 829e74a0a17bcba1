"""What a market file may say, and how it is read, checked and explained."""
