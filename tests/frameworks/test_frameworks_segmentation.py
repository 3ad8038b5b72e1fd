"""A segmentation script as tutorials for W&B write it, line by line, with the real PyTorch."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import torch

from live_runs import PROJECT, LiveServer
from sdk_script import run_well

SCRIPT = """
    import argparse
    import os

    import torch
    from torch import nn

    import weft as wandb

    args = argparse.Namespace(project_name="tests", team_name="local", run_name="unet",
                              learning_rate=0.1, batch_size=2, epoch=3)
    run = wandb.init(project=args.project_name,
                     entity=args.team_name,
                     config=vars(args),
                     name=args.run_name,
                     id="unet",
                     resume="None")
    wandb.config.update(dict(seed=0), allow_val_change=True)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 3, padding=1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.learning_rate)
    wandb.watch(model, log="gradients", log_freq=1)
    for epoch in range(args.epoch):
        images = torch.rand(3, 16, 24)
        targets = (images.mean(0, keepdim=True) > 0.5)
        pred = model(images[None])[0]
        loss = criterion(pred, targets.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        cur_lr = optimizer.param_groups[0]["lr"]
        wandb.log({'loss': loss,
                   'epoch': epoch,
                   'learning rate': cur_lr,
                   'images': wandb.Image(images.float()),
                   'masks': {'true': wandb.Image(targets.float()),
                             'pred': wandb.Image(pred.float())}
                  })
        torch.save(model.state_dict(), "model.pt")
        wandb.save("model.pt")
        torch.save(images, f"images_{epoch}.pt")
    torch.save(model.state_dict(), os.path.join(wandb.run.dir, "last.pt"))
    wandb.finish()

    best = wandb.restore("model.pt", run_path="local/tests/unet", replace=True, root="back")
    model.load_state_dict(torch.load(best.name))
    best.close()
    """


def test_the_calls_of_a_tutorial_reach_the_server(tmp_path: Path) -> None:
    with LiveServer(tmp_path) as live:
        run_well(tmp_path, SCRIPT, live.environment)
        run = live.ended("unet")
        assert run.name == "unet"
        assert run.config["learning_rate"] == 0.1
        assert run.path == ["local", PROJECT, "unet"]
        assert [row["epoch"] for row in live.rows("unet")] == [0, 1, 2]
        keys = {key for row in live.rows("unet") for key in row}
        assert {"loss", "learning rate", "images", "masks.true", "masks.pred"} <= keys
        assert "gradients/0.weight" in keys
        weights = (tmp_path / "model.pt").read_bytes()
        assert run.file("model.pt").read() == weights == (tmp_path / "back/model.pt").read_bytes()
        assert run.file("last.pt").size > 0
        for epoch, image in enumerate(run.media("images")):
            pixels = np.asarray(PIL.Image.open(BytesIO(image.read())))
            logged = torch.load(tmp_path / f"images_{epoch}.pt").permute(1, 2, 0).numpy()
            assert np.abs(pixels / 255 - logged).max() <= 1 / 255
        for key in ("masks.true", "masks.pred"):
            masks = list(run.media(key))
            assert [mask.step for mask in masks] == [0, 1, 2]
            assert PIL.Image.open(BytesIO(masks[0].read())).size == (24, 16)
