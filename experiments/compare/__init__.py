"""Whether one arm is better than another, by how much, and how sure that is: `study: compare`."""
