"""What a question asks for, computed exactly: in NumPy, in float64, with autograd for the gradients; no framework.

    layers        the layers of the questions' tables
    memory        what layers gave before
    gradients     gradients in the middle of a training step
    formula       a loss as a sum of terms
    solve         which sum of terms gives these numbers
    optimizers    Adam, RMSprop, gradient descent
    model         a question's networks, optimizers and program; one step of it
    literals      the same with constants that are not rounded to float32
    mathematics   what programs compute losses with

The programs themselves are content: ``questions/<task>/program.py``. May use ``tasks`` and what it may use.
"""
