"""Small edits of our answers, one at one place each: is every one found wrong, and explained at the right place?

    .venv/bin/python -m tools.edits [--framework pytorch,chainer] [--task gan,ae] [--kind slope] [--sample 50 --seed 3] [--json FILE]

    source    an answer as text and tree, and edits of it
    layers    edits of networks
    steps     edits of the training
    judge     one edit through the check, and what is right of what that says
"""
