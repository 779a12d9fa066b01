"""One answer in training: built, fed, stopped, stored, continued. In this process; only ``job`` is for a worker.

    contract     what an answer is, and how it is loaded
    batches      the same images and noise for every framework
    trainer      an answer with common weights and common batches: a step, what it gives, its state
    task_data    the images that a task trains on
    plan         what is to be trained, from what a user asks for
    run          a long training that can be stopped at any step
    checkpoint   its file
    log          what it leaves beside that: losses, sheets, animation
    job          the training that a worker process is asked for

May use ``pictures``, ``processes``, ``frameworks``, ``data``, ``tasks``.
"""
