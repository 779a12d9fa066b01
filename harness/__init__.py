"""The common harness: it gives every framework the same weights, batches and noise, and compares what comes out."""

__version__ = "0.1.0"
