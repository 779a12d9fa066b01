"""What is looked at: a trained answer explored and measured, and the notebooks' pictures.

    model      a trained answer, with images that it has not seen
    explore    the pictures that the questions ask to look at, from a checkpoint
    evaluate   FID, KID, reconstruction, ELBO
    features   the networks behind FID and KID
    showcase   what the notebooks show, a call a cell

May use ``lockstep``, ``training``, ``work`` and what these may use.
"""
