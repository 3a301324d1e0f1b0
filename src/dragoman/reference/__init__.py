"""The meaning of the model, in NumPy: short, slow, and what every other implementation must equal."""
