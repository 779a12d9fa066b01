"""A worker process: one framework, imported once, trains answers on request, traces or checks them.

Requests are JSON lines on standard input, events are JSON lines on what was standard output; whatever the framework or
an answer prints goes to standard error. Arrays travel in .npz files. ``harness/pool.py`` is the other side.
"""

import faulthandler
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

PROGRESS_SECONDS = 0.1      # at most so often does a worker report a step


def _trainer(request: dict, framework: str, adapter):
    import numpy as np

    from harness import task as tasks
    from harness.trainer import Trainer

    task = tasks.load(request["task"], request["size"], Path(request["root"]))
    data = {path.stem: np.load(path, mmap_mode="r") for path in Path(request["data"]).glob("*.npy")}
    return Trainer(task, framework, adapter, data, precision=request["precision"], seed=request["seed"],
                   native=request["native"])


def _train(request: dict, framework: str, adapter, emit) -> None:
    """Train as the request says, then emit "done"; the arrays go to request["result"]."""
    import numpy as np

    started = time.perf_counter()
    trainer = _trainer(request, framework, adapter)
    task = trainer.task
    built = time.perf_counter()

    curves, first = run_steps(trainer, range(request["steps"]), emit)
    trained = time.perf_counter()

    outputs = trainer.outputs(task.samples["number"])
    np.savez(request["result"],
             **{f"parameter:{k}": v for k, v in trainer.parameters().items()},
             **{f"output:{k}": v for k, v in outputs.items()})
    emit(event="done", curves=curves, seconds={"build": built - started, "first_step": first - built,
                                               "training": trained - built})


def _trace(request: dict, framework: str, adapter, emit, traced: dict) -> None:
    """Trace step request["step"] into request["result"]; the steps of a training are asked for one after the other."""
    import numpy as np

    from harness import trace

    if request["step"] == 0:
        traced["trainer"] = _trainer(request, framework, adapter)
    np.savez(request["result"], **trace.record(traced["trainer"], request["step"]))
    emit(event="done")


def _check(request: dict, framework: str, adapter, emit) -> None:
    """Take the answer in request["file"] up the ladder; emit "rung" for each, then "done" with its fingerprint."""
    import numpy as np

    from harness import task as tasks
    from harness.diagnosis import Reference, data_path
    from harness.ladder import Ladder, as_dict

    _limit_memory(request["memory"])
    task = tasks.load(request["task"], "check", Path(request["root"]))
    with np.load(data_path(task)) as data:
        ladder = Ladder(task, framework, adapter, dict(data), Path(request["file"]), Reference(task).right)
    ladder.climb(lambda rung: emit(event="rung", **as_dict(rung)))
    emit(event="done", fingerprint=ladder.found, printed=ladder.printed.text())


def _limit_memory(gigabytes: float) -> None:
    """Let this process ask for so much more than it has now; where the system can."""
    try:
        import resource
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + int(gigabytes * 2**30), hard))


def run_steps(trainer, steps: range, emit) -> tuple[dict[str, list[float]], float]:
    """Train; emit "step" now and then. Returns the curve of each loss, and when the first step was done."""
    curves = {name: [] for name in trainer.task.losses}
    reported = first = None
    for step in steps:
        losses = trainer.step(step)
        for name, value in losses.items():
            curves[name].append(value)
        now = time.perf_counter()
        first = first or now
        if reported is None or now - reported > PROGRESS_SECONDS:
            emit(event="step", step=step + 1, losses=losses)
            reported = now
    return curves, first


def main(framework: str) -> None:
    started = time.perf_counter()
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    faulthandler.enable()
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1)       # so that a hang can be asked where it hangs

    def emit(**event):
        events.write(json.dumps(event) + "\n")
        events.flush()

    try:
        from harness import frameworks
        adapter = frameworks.load(framework)
    except Exception:
        emit(event="failed", message=f"{framework} cannot be imported", traceback=traceback.format_exc())
        return
    from harness.contract import ContractError
    from harness.parameters import ParameterMismatch

    emit(event="ready", version=adapter.version(), seconds=time.perf_counter() - started)
    traced = {}                                     # the training that is traced, between its steps
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if request.get("do") == "trace":
                _trace(request, framework, adapter, emit, traced)
            elif request.get("do") == "check":
                _check(request, framework, adapter, emit)
            else:
                _train(request, framework, adapter, emit)
        except (ContractError, ParameterMismatch) as error:
            emit(event="differs", message=str(error))
        except BrokenPipeError:
            return                                  # the harness is gone
        except BaseException as error:              # SystemExit too: an answer must not end the worker
            summary = "".join(traceback.format_exception_only(error)).strip().splitlines()
            emit(event="failed", message=summary[0], traceback=traceback.format_exc())


if __name__ == "__main__":
    main(sys.argv[1])
