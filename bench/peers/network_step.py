"""Times training steps of a network in PyTorch: NETWORK INLIERS OUTLIERS WARM-UP STEPS THREADS LAYOUT. Prints JSON."""
import json
import statistics
import sys
import time

import torch
from convnet import make_optimizer, training_step
from memory import peak_resident_bytes
from networks import count_parameters, make_network

name, layout = sys.argv[1], sys.argv[7]
inliers, outliers, warm_up, steps, threads = map(int, sys.argv[2:7])
torch.set_num_threads(threads)
torch.manual_seed(1)
net = make_network(name, layout).train()
optimizer = make_optimizer(net, weight_decay=5e-4)


def random_batch():
    pixels = torch.rand(inliers + outliers, 3, 32, 32).to(memory_format=getattr(torch, layout))
    return pixels, torch.randint(0, 10, (inliers,))


# As many batches as the other side keeps; they lie in the network's layout already.
batches = [random_batch() for _ in range(4)]
seconds = []
for i in range(warm_up + steps):
    pixels, labels = batches[i % len(batches)]
    start = time.perf_counter()
    # Our step reports its loss too.
    float(training_step(net, optimizer, pixels, labels))
    seconds.append(time.perf_counter() - start)
print(
    json.dumps(
        {
            "seconds": statistics.median(seconds[warm_up:]),
            "peakBytes": peak_resident_bytes(),
            "parameters": count_parameters(net),
        }
    )
)
