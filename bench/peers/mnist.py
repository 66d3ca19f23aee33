"""The baseline and its tuning with Outlier Exposure, in PyTorch. Prints JSON: seconds of each part.

Arguments: MNIST-FOLDER OUTLIERS-FILE DIGITS BASELINE-EPOCHS TUNE-EPOCHS THREADS. The outliers are raw bytes, 28x28
an image. There is no DataLoader: images lie in memory as float tensors and a batch is one indexing operation,
which is the fastest plain way; so is the layout, channels last.
"""
import json
import math
import sys
import time

import numpy as np
import torch
from convnet import make_net, make_optimizer, training_step

folder, outliers_file = sys.argv[1:3]
digits, baseline_epochs, tune_epochs, threads = map(int, sys.argv[3:7])
torch.set_num_threads(threads)
torch.manual_seed(1)
INLIERS, OUTLIERS, PEAK, FLOOR = 50, 100, 0.01, 1e-6


def images(values):
    return torch.from_numpy(values).view(-1, 1, 28, 28).float().div_(255)


def read(name):
    pixels = np.fromfile(f"{folder}/{name}-images-idx3-ubyte", dtype=np.uint8)[16:]
    labels = np.fromfile(f"{folder}/{name}-labels-idx1-ubyte", dtype=np.uint8)[8:]
    return images(pixels), torch.from_numpy(labels).long()


def train(net, epochs, outliers=None):
    net.train()
    optimizer = make_optimizer(net)
    per_epoch = len(pixels) // INLIERS
    step, mean_loss = 0, 0.0
    for _ in range(epochs):
        order = torch.randperm(len(pixels))
        offset = 0 if outliers is None else int(torch.randint(len(outliers), ()))
        total = 0.0
        for i in range(per_epoch):
            step += 1
            optimizer.param_groups[0]["lr"] = FLOOR + (PEAK - FLOOR) * 0.5 * (
                1 + math.cos(math.pi * step / (epochs * per_epoch))
            )
            chosen = order[i * INLIERS : (i + 1) * INLIERS]
            batch = pixels[chosen]
            if outliers is not None:
                # A window of the set from a random place on, which starts over at the end.
                end = offset + OUTLIERS
                parts = [outliers[offset:end]]
                if end > len(outliers):
                    parts.append(outliers[: end - len(outliers)])
                batch = torch.cat([batch, *parts])
                offset = end % len(outliers)
            total += float(training_step(net, optimizer, batch, labels[chosen]))
        mean_loss = total / per_epoch
    return mean_loss


def timed(seconds, name, work):
    start = time.perf_counter()
    result = work()
    seconds[name] = time.perf_counter() - start
    return result


def test_error():
    """Not timed: shows that the network learned."""
    test_pixels, test_labels = read("t10k")
    net.eval()
    with torch.no_grad():
        return float((net(test_pixels).argmax(1) != test_labels).float().mean())


seconds, losses, errors = {}, {}, {}
pixels, labels = timed(seconds, "data", lambda: read("train"))
pixels, labels = pixels[:digits], labels[:digits]
outliers = timed(seconds, "outliers", lambda: images(np.fromfile(outliers_file, dtype=np.uint8)))
net = make_net("channels_last")
losses["baseline"] = timed(seconds, "baseline", lambda: train(net, baseline_epochs))
errors["baseline"] = test_error()
losses["oe-tune"] = timed(seconds, "oe-tune", lambda: train(net, tune_epochs, outliers))
errors["oe-tune"] = test_error()
print(json.dumps({"seconds": seconds, "losses": losses, "testErrors": errors}))
