"""Times training steps of the ConvNet in PyTorch: INLIERS OUTLIERS WARM-UP STEPS THREADS LAYOUT. Prints JSON."""
import json
import statistics
import sys
import time

import torch
from convnet import make_net, make_optimizer, training_step

inliers, outliers, warm_up, steps, threads = map(int, sys.argv[1:6])
torch.set_num_threads(threads)
torch.manual_seed(1)
# contiguous_format or channels_last
net = make_net(sys.argv[6]).train()
optimizer = make_optimizer(net)
# As many batches as the other side keeps, so that neither works from a cache the other does not have.
batches = [(torch.rand(inliers + outliers, 1, 28, 28), torch.randint(0, 10, (inliers,))) for _ in range(4)]

seconds = []
for i in range(warm_up + steps):
    pixels, labels = batches[i % len(batches)]
    start = time.perf_counter()
    # Our step reports its loss too.
    float(training_step(net, optimizer, pixels, labels))
    seconds.append(time.perf_counter() - start)
print(json.dumps({"median": statistics.median(seconds[warm_up:])}))
