"""MobileNetV2 1.0 in PyTorch on the processor; one line of JSON with milliseconds an image.

    /usr/bin/python3 bench/peers/torch-peer.py --task training-step --batch 30 --threads 2 --runs 5

forward: the embeddings. training-step: forward, dL/d(embedding) as given, backward, AdamW; batch norm folded or, with
--batch-norm, in training mode. As --variant says:

default   as torchvision's model runs without further words: eager, NCHW
tuned     the fastest form found: memory kept between runs; forward as frozen TorchScript that `optimize_for_inference`
          moves to oneDNN's own layout, training in channels last
"""
import argparse
import ctypes
import json
import os
import time
import warnings

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # read when torch loads: endless spinning collapses on a shared core
warnings.filterwarnings("ignore")

import torch
import torchvision
from torch.fx.experimental.optimization import fuse
from torch.nn.functional import normalize

WARM_UPS = 2
EMBEDDING_SIZE = 256
POOLING_GRIDS = [(1, 1), (2, 1), (1, 4)]


class Countersign(torch.nn.Module):
    """Our default network: grey input, no last 1 x 1 convolution, means over seven regions."""

    def __init__(self):
        super().__init__()
        self.features = torchvision.models.mobilenet_v2(weights=None).features[:-1]  # [N, 320, H/32, W/32]
        self.features[0][0] = torch.nn.Conv2d(1, 32, 3, stride=2, padding=1, bias=False)
        regions = sum(rows * columns for rows, columns in POOLING_GRIDS)
        self.head = torch.nn.Linear(320 * regions, EMBEDDING_SIZE)

    def forward(self, image):
        x = self.features(image)
        return normalize(self.head(region_means(x)))


@torch.fx.wrap  # its loops are beyond fuse(), which needs only the convolutions
def region_means(x):
    """As adaptive_avg_pool2d, which in oneDNN's layout takes no size that the grid does not divide: [N, 7 C]."""
    height, width = x.shape[2:]
    means = [
        x[:, :, top:bottom, left:right].mean((2, 3))
        for rows, columns in POOLING_GRIDS
        for top, bottom in cells(rows, height)
        for left, right in cells(columns, width)
    ]
    return torch.cat(means, 1)


def cells(count, size):
    """From and to of each cell; neighbours may share a pixel."""
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def standard():
    """The paper's network: colour input, 1,280 channels pooled; 256 outputs of norm 1 instead of 1,000 classes."""
    network = torchvision.models.mobilenet_v2(weights=None)
    network.classifier = torch.nn.Linear(1280, EMBEDDING_SIZE)
    return torch.nn.Sequential(network, Unit())


class Unit(torch.nn.Module):
    def forward(self, x):
        return normalize(x)


def settle_batch_norm(network, image):
    """One pass that measures the statistics: without them activations of random weights fade to denormal numbers."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        network.train()(image)


def forward_default(network, image):
    network.eval()

    def run():
        with torch.inference_mode():
            network(image)

    return run


def forward_tuned(network, image):
    with torch.no_grad():
        traced = torch.jit.trace(fuse(network.eval()), image)
        optimized = torch.jit.optimize_for_inference(torch.jit.freeze(traced.eval()))

    def run():
        with torch.inference_mode():
            optimized(image)

    return run


def training_step(network, image, batch_norm, tuned):
    layout = torch.channels_last if tuned else torch.contiguous_format
    network = network if batch_norm else fuse(network.eval())
    network = network.train().requires_grad_(True).to(memory_format=layout)
    image = image.contiguous(memory_format=layout)
    embedding_gradient = 0.01 * torch.randn(len(image), EMBEDDING_SIZE)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5, foreach=True)

    def run():
        optimizer.zero_grad(set_to_none=True)
        (network(image) * embedding_gradient).sum().backward()
        optimizer.step()

    return run


def keep_memory():
    """glibc gives large tensors back to the system after every use; the page faults cost more than the arithmetic."""
    trim_threshold, mmap_max = -1, -4
    libc = ctypes.CDLL("libc.so.6")
    if not (libc.mallopt(mmap_max, 0) and libc.mallopt(trim_threshold, 2**31 - 1)):
        raise RuntimeError("mallopt refused")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", choices=["forward", "training-step"], required=True)
    parser.add_argument("--network", choices=["standard", "countersign"], default="standard")
    parser.add_argument("--variant", choices=["default", "tuned"], default="tuned")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--batch-norm", action="store_true", help="training-step with batch norm in training mode")
    options = parser.parse_args()
    if options.batch_norm and options.task == "forward":
        parser.error("--batch-norm is of the training step; forward folds it")

    tuned = options.variant == "tuned"
    if tuned:
        keep_memory()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    network, channels = (Countersign(), 1) if options.network == "countersign" else (standard(), 3)
    settle_batch_norm(network, torch.rand(4, channels, options.size, options.size))
    image = torch.rand(options.batch, channels, options.size, options.size)
    if options.task == "forward":
        run = (forward_tuned if tuned else forward_default)(network, image)
    else:
        run = training_step(network, image, options.batch_norm, tuned)

    milliseconds = []
    for i in range(-WARM_UPS, options.runs):
        started = time.perf_counter()
        run()
        if i >= 0:
            milliseconds.append((time.perf_counter() - started) * 1000 / options.batch)
    print(
        json.dumps(
            {
                "task": options.task,
                "variant": options.variant,
                "network": options.network,
                "batch": options.batch,
                "size": options.size,
                "threads": options.threads,
                "torch": torch.__version__,
                "batchNorm": "training" if options.batch_norm else "folded",
                "msPerImage": milliseconds,
            }
        )
    )


main()
