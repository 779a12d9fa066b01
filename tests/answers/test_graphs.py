"""The graphs that TensorFlow makes of a training step, after its optimizations: no update overtakes a read.

It does not see to that by itself. Where a result is computed from a variable, and that variable's gradient does not need
the result (the scores of a Wasserstein critic, whose loss is their mean), the optimized graph may update the variable
before it is read, or after, as it happens: now and then a run comes out different.
"""

import functools

import pytest

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("framework", ["tensorflow", "keras"])
@pytest.mark.parametrize("name", tasks.names())
@pytest.mark.sampled
def test_no_update_overtakes_a_read(name, framework):
    task = tasks.load(name, **({"critic_steps": 2} if "critic_steps" in tasks.load(name).hyperparameters else {}))
    assert unordered(optimized_graph(task, framework)) == []


def test_one_that_does_is_seen(workbook):
    for framework in ("tensorflow", "keras"):
        workbook.edit(f"answers/wgan/wgan_{framework}.py", "with tf.control_dependencies([loss]):", "if True:")
        assert unordered(optimized_graph(tasks.load("wgan", root=workbook.root, critic_steps=2), framework))


def optimized_graph(task, framework):
    """The nodes by name."""
    from tensorflow.core.protobuf import config_pb2
    from tensorflow.python.grappler import tf_optimizer
    from tensorflow.python.training.saver import export_meta_graph

    data = task_data.load(task)
    trainer = Trainer(task, framework, frameworks.load(framework), data.arrays)
    step = trainer._step.get_concrete_function(trainer.adapter.batch(trainer.batches(0))).graph
    graph = export_meta_graph(graph_def=step.as_graph_def(), graph=step)
    graph.collection_def["train_op"].node_list.value.extend(x.name for x in (*step.outputs, *step.control_outputs))
    return {node.name: node for node in tf_optimizer.OptimizeGraph(config_pb2.ConfigProto(), graph).node}


def unordered(nodes):
    """Pairs of a read and an update of the same variable, or of two updates, of which neither waits for the other."""
    waits, bit = {}, {name: 1 << i for i, name in enumerate(nodes)}     # node -> the set of all it waits for, as bits
    for root in nodes:
        stack = [root]
        while stack:
            before = [name.lstrip("^").split(":")[0] for name in nodes[stack[-1]].input]
            missing = [name for name in before if name not in waits]
            stack += missing
            if not missing:
                waits[stack.pop()] = functools.reduce(lambda bits, name: bits | waits[name] | bit[name], before, 0)
    touching = [node for node in nodes.values() if node.op == "ReadVariableOp" or node.op.startswith("Assign")]
    return [(a.name, b.name) for a in touching for b in touching
            if a.name < b.name and a.input[0] == b.input[0] and "Assign" in a.op + b.op
            and not waits[a.name] & bit[b.name] and not waits[b.name] & bit[a.name]]
