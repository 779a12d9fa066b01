"""The proof: all frameworks train on the same weights, batches and noise, and every number is compared.

    compare       train the answers of a task side by side
    difference    what "relative" means; two runs compared
    equivalence   is it the same for statistics, where each framework keeps its own weights?
    trace         one step taken apart, in a worker
    divergence    where two frameworks part, found by that
    curves        pictures of a comparison
    report        tables, JSON, HTML

May use ``training`` and what that may use.
"""
