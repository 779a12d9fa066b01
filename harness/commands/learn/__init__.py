"""A learner's day: ``question``, ``start``, ``check``, ``watch``, ``hint``, ``solution`` (``differences`` puts yours beside it),
``progress``, ``reset``."""
