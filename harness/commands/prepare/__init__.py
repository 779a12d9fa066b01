"""Before the work: what there is (``list``, ``data``), and what is missing (``install``)."""
