"""Images: ``train`` an answer, ``explore`` what it learnt, ``evaluate`` it."""
