"""The networks of the paper's image experiments and CIFAR's ResNet-20, in plain PyTorch.

Modules are named so that `state_dict` has the names of our parameters, and one side's weights fit the other.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
from convnet import gelu


def convolution(inputs, outputs, size=3, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)


class WideBlock(nn.Module):
    """Normalization and activation before each convolution; a projection where the width changes."""

    def __init__(self, inputs, outputs, stride, drop_rate):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = convolution(inputs, outputs, stride=stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.dropout = nn.Dropout(drop_rate)
        self.conv2 = convolution(outputs, outputs)
        if inputs != outputs:
            self.convShortcut = convolution(inputs, outputs, size=1, stride=stride)

    def forward(self, x):
        activated = F.relu(self.bn1(x), inplace=True)
        y = F.relu(self.bn2(self.conv1(activated)), inplace=True)
        y = self.conv2(self.dropout(y))
        return y + (self.convShortcut(activated) if hasattr(self, "convShortcut") else x)


class WideGroup(nn.Module):
    def __init__(self, inputs, outputs, blocks, stride, drop_rate):
        super().__init__()
        first = WideBlock(inputs, outputs, stride, drop_rate)
        rest = [WideBlock(outputs, outputs, 1, drop_rate) for _ in range(blocks - 1)]
        self.layer = nn.Sequential(first, *rest)

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth=40, widen=2, drop_rate=0.3):
        super().__init__()
        blocks = (depth - 4) // 6
        narrow, middle, wide = 16 * widen, 32 * widen, 64 * widen
        self.conv1 = convolution(3, 16)
        self.block1 = WideGroup(16, narrow, blocks, 1, drop_rate)
        self.block2 = WideGroup(narrow, middle, blocks, 2, drop_rate)
        self.block3 = WideGroup(middle, wide, blocks, 2, drop_rate)
        self.bn1 = nn.BatchNorm2d(wide)
        self.fc = nn.Linear(wide, 10)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        x = F.relu(self.bn1(x), inplace=True)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Gelu(nn.Module):
    def forward(self, x):
        return gelu(x)


class AllConv(nn.Module):
    """Nine convolutions. Those of single positions are padded by a pixel, as in the authors' code."""

    def __init__(self, drop_rate=0.5):
        super().__init__()
        layers, width = [], 3

        def convolve(outputs, size, padding):
            nonlocal width
            layers.extend([nn.Conv2d(width, outputs, size, padding=padding), nn.BatchNorm2d(outputs), Gelu()])
            width = outputs

        for outputs in (96, 192):
            for _ in range(3):
                convolve(outputs, 3, 1)
            layers.extend([nn.MaxPool2d(2), nn.Dropout(drop_rate)])
        convolve(192, 3, 0)
        convolve(192, 1, 1)
        convolve(192, 1, 1)
        self.features = nn.Sequential(*layers, nn.AvgPool2d(8))
        self.classifier = nn.Linear(192, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class BasicBlock(nn.Module):
    """Where the width changes, the shortcut is every second pixel between channels of zeros (option A)."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.more = outputs - inputs
        self.conv1 = convolution(inputs, outputs, stride=2 if self.more else 1)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = convolution(outputs, outputs)
        self.bn2 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        if self.more:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more // 2, self.more // 2))
        return F.relu(y + x, inplace=True)


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = convolution(3, 16)
        self.bn1 = nn.BatchNorm2d(16)
        for group, (inputs, outputs) in enumerate([(16, 16), (16, 32), (32, 64)], start=1):
            blocks = [BasicBlock(inputs, outputs), BasicBlock(outputs, outputs), BasicBlock(outputs, outputs)]
            setattr(self, f"layer{group}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(F.adaptive_avg_pool2d(x, 1).flatten(1))


NETWORKS = {"wrn-40-2": WideResNet, "allconv": AllConv, "resnet-20": ResNet20}


def make_network(name, layout):
    """A network by our name, in the memory layout `contiguous_format` or `channels_last`."""
    return NETWORKS[name]().to(memory_format=getattr(torch, layout))


def count_parameters(net):
    return sum(parameter.numel() for parameter in net.parameters())
