"""Who teaches: ``grade``."""
