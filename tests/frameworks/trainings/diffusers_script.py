"""Diffusers as its training scripts log: Accelerate's tracker, and pictures of validation."""

import numpy as np
import torch
import wandb
from accelerate import Accelerator
from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel
from sklearn.datasets import load_digits

torch.manual_seed(0)
accelerator = Accelerator(log_with="wandb", cpu=True)
accelerator.init_trackers("tests", config={"steps": 3})
model = UNet2DModel(
    sample_size=8, in_channels=1, out_channels=1, block_out_channels=(8, 8), norm_num_groups=4,
    down_block_types=("DownBlock2D",) * 2, up_block_types=("UpBlock2D",) * 2,
)  # fmt: skip
scheduler = DDPMScheduler(10)
model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), 0.1))
images = torch.tensor(load_digits().images / 8 - 1).float()[:, None]
for step in range(3):
    noise = torch.randn(2, 1, 8, 8)
    noisy = scheduler.add_noise(images[step : step + 2], noise, torch.tensor([step, step + 1]))
    loss = torch.nn.functional.mse_loss(model(noisy, step).sample, noise)
    accelerator.backward(loss)
    optimizer.step()
    optimizer.zero_grad()
    accelerator.log({"train_loss": loss.detach().item()}, step=step)
pipeline = DDPMPipeline(accelerator.unwrap_model(model), scheduler)
pipeline.set_progress_bar_config(disable=True)
pictures = pipeline(batch_size=2, num_inference_steps=2, output_type="np").images
for tracker in accelerator.trackers:
    tracker.log_images({"samples": np.uint8(255 * pictures)}, step=3)
    tracker.tracker.log({"validation": [wandb.Image(picture) for picture in pictures]})
accelerator.end_training()
