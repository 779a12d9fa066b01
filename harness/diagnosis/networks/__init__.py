"""Where networks part: what stands there in place of the question's layer.

    layer           the first layer that parts: the guess with which most of the step agrees
    abilities       what an answer can do beside training
    guesses         what may stand there, before it or after it, and was computed by the answer
    alternatives    ... in the place of one layer, each with the words that say it
    activations     functions that may stand there
    orders          the same numbers in another order
    padding         convolutions with another kernel, or with other padding
"""
