"""Operations counted from task.toml against PyTorch's own counter, which watches the answer at work."""

import pytest
import torch
from conftest import count_flops

from harness import frameworks, tasks
from harness.tasks import cost
from harness.tasks.network import Network
from harness.training import task_data
from harness.training.trainer import Trainer


def test_products_by_hand():
    network = Network("n", [{"layer": "input", "shape": [3, 8, 6]},
                            {"layer": "conv", "channels": 5, "kernel": 3, "stride": 2, "padding": 1},
                            {"layer": "relu"}, {"layer": "flatten"}, {"layer": "dense", "units": 2}], {})
    conv, dense = 3 * 5 * 9 * 4 * 3, 5 * 4 * 3 * 2
    assert cost.of_network(network, "forward") == 2 * (conv + dense)
    assert cost.of_network(network, "input") == 4 * (conv + dense)
    assert cost.of_network(network, "both") == 6 * (conv + dense)
    assert cost.of_network(network, "weights") == 4 * conv + 6 * dense


@pytest.mark.parametrize("name", tasks.names())
def test_a_step_costs_what_pytorch_counts(name):
    """Within a thousandth (all but pix2pix are exact): neither a pass too many in the answer nor one too few in task.toml."""
    task, adapter = tasks.load(name), frameworks.load("pytorch")
    data = task_data.load(task)
    trainer = Trainer(task, "pytorch", adapter, data.arrays)
    with count_flops() as counter:
        trainer.step(0)
    # PyTorch sends the penalty's gradient back through the forward pass as well, where LeakyReLU makes it all zeros.
    in_vain = sum(task.batch_size * passes.get("penalty", 0) * (cost.of_network(network, "weights")
                                                                - cost.of_network(network, "forward"))
                  for network, passes in ((task.networks[name], passes) for name, passes in task.passes.items()))
    assert cost.of_step(task) + in_vain == pytest.approx(counter.get_total_flops(), rel=1e-3)
    torch.set_default_dtype(torch.float32)
