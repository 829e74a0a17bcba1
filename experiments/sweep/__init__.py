"""How results change over a grid or a sample of parameters: `study: sweep`."""
