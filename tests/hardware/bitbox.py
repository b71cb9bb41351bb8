"""BitBox cases."""
