"""The ConvNet of the paper's MNIST experiments and its Outlier Exposure loss, as its PyTorch code writes them.

PyTorch computes it in one of two memory layouts: the default, or channels last, which is quicker here and takes
one line (`net.to(memory_format=torch.channels_last)`; images of one channel lie the same in both).
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


def gelu(x):
    return torch.sigmoid(1.702 * x) * x


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = gelu(F.max_pool2d(self.conv1(x), 2))
        x = gelu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = gelu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def make_net(layout):
    return ConvNet().to(memory_format=getattr(torch, layout))


def make_optimizer(net, weight_decay=0.0):
    return torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=weight_decay)


def training_step(net, optimizer, pixels, labels):
    """One update; `pixels` stacks the labelled images first, then the outliers (if any)."""
    logits = net(pixels)
    inliers = len(labels)
    loss = F.cross_entropy(logits[:inliers], labels)
    if len(pixels) > inliers:
        outliers = logits[inliers:]
        loss = loss + 0.5 * (torch.logsumexp(outliers, dim=1) - outliers.mean(1)).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss
