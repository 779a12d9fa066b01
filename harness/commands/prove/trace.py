"""``trace``: where frameworks part. Exit codes: 0 they agree in all steps, 1 they part, 2 bad input or a framework that failed."""

import typer
from rich.progress import Progress
from rich.text import Text

from harness import tasks
from harness.commands.console import err, out
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
    """Find the first difference between frameworks: the step, and in it the layer, the loss or the update.

    The first framework is compared with each of the others. Exit code: 0 they agree in all steps, 1 they differ, 2 bad input
    or a framework that failed, 70 the workbook itself failed.
    """
    tasks.require_answers(root)
    task = tasks.load(tasks.named(name, root), size.value, root, data)
    settings = Settings(chosen_frameworks(frameworks), size.value, precision.value, steps, seed, data, data_dir,
                        tolerance=tolerance, timeout=timeout, root=root.resolve())
    with Comparer(settings) as comparer, Progress(*Progress.get_default_columns(), console=err, transient=True,
                                                  disable=not err.is_terminal) as progress:
        bar = progress.add_task(task.name, total=steps)
        found = divergence.find(comparer, task, lambda step: progress.update(bar, completed=step))
    for d in found:
        report.show_divergence(d, out)
    if not found:
        out.print(Text(f"{', '.join(FRAMEWORKS[f] for f in settings.frameworks)} agree in every layer, loss and update of "
                       f"{steps} steps (tolerance {settings.allowed:g})", style="bold green"), soft_wrap=True)
    raise typer.Exit(1 if found else 0)
