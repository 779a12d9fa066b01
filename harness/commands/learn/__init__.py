"""A learner's day: ``question``, ``start``, ``check``, ``watch``, ``hint``, ``solution``, ``progress``, ``reset``."""
