"""Who teaches: ``grade``, ``release``."""
