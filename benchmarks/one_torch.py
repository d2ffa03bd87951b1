"""One training in eager PyTorch, in a process of its own: a JSON job on standard input, JSON on its output.

The job names a file of arrays that ``benchmarks.one_training`` wrote for a lesson's training: the data and the learning
rate of every step; and it lists the layers of the model. Here the same layers are ``nn.RNN``, ``nn.LSTM``, ``nn.GRU``
and ``nn.Linear`` with PyTorch's own initial weights, trained as a PyTorch tutorial does: Adam, the same rates and
batches, the whole gradient clipped at the same norm. Seconds run from the first line that builds the model.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

RECURRENT = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}


def main() -> None:
    """Run the job of standard input."""
    job = json.load(sys.stdin)
    import numpy as np
    import torch

    torch.set_num_threads(job["threads"])
    torch.manual_seed(job["seed"])
    with np.load(job["arrays"]) as arrays:
        data = {name: arrays[name] for name in arrays.files}
    errors, seconds = train(torch, job, data)
    print(json.dumps({"errors": errors, "seconds": seconds, "total": seconds[-1], "torch": torch.__version__}))


def network(torch: Any, layers: list[dict], features: int) -> Any:
    """The model, as a module that passes on the last time step where Keras' layer does."""

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            width, parts = features, []
            for layer in layers:
                if layer["kind"] in RECURRENT:
                    part = getattr(torch.nn, RECURRENT[layer["kind"]])(width, layer["units"], batch_first=True)
                else:
                    part = torch.nn.Linear(width, layer["units"])
                parts.append(part)
                width = layer["units"]
            self.parts = torch.nn.ModuleList(parts)

        def forward(self, x: Any) -> Any:
            for part, layer in zip(self.parts, layers, strict=True):
                if layer["kind"] in RECURRENT:
                    x, _ = part(x)
                    x = x if layer["every_step"] else x[:, -1]
                else:
                    x = part(x)
            return x

    return Network()


def train(torch: Any, job: dict, data: dict) -> tuple[list[float], list[float]]:
    """Errors and seconds after each epoch, up to the published error or the last epoch."""
    X, y, X_valid, y_valid = (torch.from_numpy(data[name]) for name in ("X", "y", "X_valid", "y_valid"))
    rates, batch = data["rates"], job["batch_size"]
    errors, seconds, step = [], [], 0
    began = time.perf_counter()
    model = network(torch, job["layers"], X.shape[-1])
    optimizer, loss_of = torch.optim.Adam(model.parameters(), eps=1e-7), torch.nn.MSELoss()
    for _ in range(job["epochs"]):
        for rows in torch.randperm(len(X)).split(batch):
            optimizer.param_groups[0]["lr"] = float(rates[step])
            optimizer.zero_grad()
            loss_of(model(X[rows]), y[rows]).backward()
            if job["clipnorm"]:
                torch.nn.utils.clip_grad_norm_(model.parameters(), job["clipnorm"])
            optimizer.step()
            step += 1
        with torch.no_grad():
            outputs = torch.cat([model(rows) for rows in X_valid.split(500)])
        if job["last_step"]:
            outputs, targets = outputs[:, -1], y_valid[:, -1]
        else:
            targets = y_valid
        errors.append(float(loss_of(outputs, targets)))
        seconds.append(time.perf_counter() - began)
        if round(errors[-1], 4) <= job["published"]:
            break
    return errors, seconds


if __name__ == "__main__":
    main()
