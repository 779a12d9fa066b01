"""``trace``: where frameworks part. Exit codes: 0 they agree in all steps, 1 they part, 2 bad input or a framework that failed."""

import typer
from rich.progress import Progress

from harness import tasks
from harness.commands.prove.compare import chosen_frameworks
from harness.commands.terminal import (
    DataDir,
    DataName,
    InPrecision,
    Patience,
    Precision,
    ProofSize,
    Root,
    Seed,
    Several,
    Size,
    Steps,
    TaskName,
    Tolerance,
    err,
    out,
)
from harness.frameworks import FRAMEWORKS
from harness.lockstep import divergence, report
from harness.lockstep.compare import Comparer, Settings
from harness.tasks import ROOT


def trace(
    name: TaskName,
    frameworks: Several = None,
    precision: InPrecision = Precision.float64,
    steps: Steps = 100,
    size: ProofSize = Size.check,
    data: DataName = None,
    data_dir: DataDir = None,
    seed: Seed = 0,
    tolerance: Tolerance = None,
    timeout: Patience = 300,
    root: Root = ROOT,
) -> None:
    """Find where frameworks part: the first step, and in it the first layer, loss or update that is not the same.

    The first framework is compared with each of the others. Exit code: 0 they agree in all steps, 1 they part, 2 bad input
    or a framework that failed.
    """
    tasks.require_answers(root)
    task = tasks.load(name, size.value, root)
    settings = Settings(chosen_frameworks(frameworks), size.value, precision.value, steps, seed, data, data_dir,
                        tolerance=tolerance, timeout=timeout, root=root.resolve())
    with Comparer(settings) as comparer, Progress(*Progress.get_default_columns(), console=err, transient=True,
                                                  disable=not err.is_terminal) as progress:
        bar = progress.add_task(name, total=steps)
        found = divergence.find(comparer, task, lambda step: progress.update(bar, completed=step))
    for d in found:
        report.show_divergence(d, out)
    if not found:
        out.print(f"{', '.join(FRAMEWORKS[f] for f in settings.frameworks)} agree in every layer, loss and update of "
                  f"{steps} steps (tolerance {settings.allowed:g})", style="bold green", soft_wrap=True)
    raise typer.Exit(1 if found else 0)
