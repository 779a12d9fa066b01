"""Proof: ``compare`` the frameworks step by step, ``trace`` where they part."""
