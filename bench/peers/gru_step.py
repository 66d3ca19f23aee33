"""Times training steps of the paper's text classifier in PyTorch: VOCABULARY CLASSES INLIERS OUTLIERS LENGTH WARM-UP
STEPS THREADS. Prints JSON."""
import json
import os
import statistics
import sys
import time

vocabulary, classes, inliers, outliers, length, warm_up, steps, threads = map(int, sys.argv[1:9])
# OpenBLAS has threads of its own, and looks here when it is loaded.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(threads)
torch.manual_seed(1)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 50, padding_idx=1)
        self.gru = nn.GRU(50, 128, num_layers=2, batch_first=True)
        self.linear = nn.Linear(128, classes)

    def forward(self, tokens):
        return self.linear(self.gru(self.embedding(tokens))[1][1])


net = Classifier()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)


def training_step(tokens, labels):
    """The paper's code takes outliers through the network by themselves; together is quicker."""
    logits = net(tokens)
    loss = F.cross_entropy(logits[:inliers], labels) - F.log_softmax(logits[inliers:], dim=1).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss


batches = [
    (torch.randint(0, vocabulary, (inliers + outliers, length)), torch.randint(0, classes, (inliers,)))
    for _ in range(4)
]
seconds = []
for i in range(warm_up + steps):
    start = time.perf_counter()
    # Our step reports its loss too.
    float(training_step(*batches[i % len(batches)]))
    seconds.append(time.perf_counter() - start)
parameters = sum(parameter.numel() for parameter in net.parameters())
print(json.dumps({"seconds": statistics.median(seconds[warm_up:]), "parameters": parameters}))
