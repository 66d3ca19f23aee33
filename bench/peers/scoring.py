"""Scores a .npy file of images by the maximum softmax probability in PyTorch. Prints JSON.

Arguments: NETWORK WEIGHTS.safetensors IMAGES.npy THREADS LAYOUT. Higher scores are more anomalous.
"""
import json
import struct
import sys
import time

import numpy as np
import torch
from memory import peak_resident_bytes
from networks import make_network

BATCH, SHOWN = 200, 200


def read_safetensors(path):
    """The tensors of a file of float32 values: eight bytes of length, a header in JSON, and the values."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        values = file.read()
    header.pop("__metadata__", None)
    return {
        name: torch.from_numpy(np.frombuffer(values[slice(*entry["data_offsets"])], np.float32).copy()).view(
            entry["shape"]
        )
        for name, entry in header.items()
    }


def load_network(name, path, layout):
    net = make_network(name, layout)
    # Nothing may be missing but the counters of batches, which evaluation does not use.
    missing, unexpected = net.load_state_dict(read_safetensors(path), strict=False)
    wrong = unexpected + [key for key in missing if not key.endswith("num_batches_tracked")]
    if wrong:
        raise SystemExit(f"The weights do not fit the network: {', '.join(wrong)}.")
    return net.eval()


def score(net, pixels):
    return -torch.softmax(net(pixels), dim=1).amax(dim=1)


def score_file(net, path, layout):
    images = np.load(path, mmap_mode="r")
    scores = []
    for start in range(0, len(images), BATCH):
        window = torch.from_numpy(np.array(images[start : start + BATCH]))
        # Channels last is how the file's images lie, so that only the other layout copies here.
        pixels = window.permute(0, 3, 1, 2).float().div_(255)
        scores.append(score(net, pixels.contiguous(memory_format=getattr(torch, layout))))
    return torch.cat(scores)


network, weights, images, threads, layout = sys.argv[1:6]
torch.set_num_threads(int(threads))
net = load_network(network, weights, layout)
with torch.inference_mode():
    score(net, torch.zeros(BATCH, 3, 32, 32).to(memory_format=getattr(torch, layout)))
    start = time.perf_counter()
    scores = score_file(net, images, layout)
    seconds = time.perf_counter() - start
shown = scores[:SHOWN].tolist()
print(json.dumps({"seconds": seconds, "peakBytes": peak_resident_bytes(), "scores": shown}))
