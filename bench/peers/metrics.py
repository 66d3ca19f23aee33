"""Times AUROC, AUPR and FPR95 of two .npy files with scikit-learn and NumPy: IN OUT REPETITIONS. Prints JSON.

What is timed is the paper's `get_measures`, put together from the same calls: outliers are the positives.
"""
import json
import statistics
import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score


def fpr_at_recall(y_true, y_score, recall_level=0.95):
    """False positives at the threshold whose recall is nearest to the level, as the paper's code computes it."""
    order = np.argsort(y_score, kind="mergesort")[::-1]
    y_score = y_score[order]
    y_true = y_true[order]
    last_of_each = np.r_[np.where(np.diff(y_score))[0], y_true.size - 1]
    tps = np.cumsum(y_true, dtype=np.float64)[last_of_each]
    fps = 1 + last_of_each - tps
    recall = tps / tps[-1]
    # From the first point of full recall downwards.
    down = slice(tps.searchsorted(tps[-1]), None, -1)
    recall, fps = np.r_[recall[down], 1], np.r_[fps[down], 0]
    return fps[np.argmin(np.abs(recall - recall_level))] / np.sum(np.logical_not(y_true))


def measures(inliers, outliers):
    scores = np.concatenate([outliers, inliers])
    labels = np.zeros(len(scores), dtype=np.int32)
    labels[: len(outliers)] = 1
    return (
        roc_auc_score(labels, scores),
        average_precision_score(labels, scores),
        fpr_at_recall(labels, scores),
    )


inliers, outliers = np.load(sys.argv[1]), np.load(sys.argv[2])
seconds = []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    auroc, aupr, fpr = measures(inliers, outliers)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"median": statistics.median(seconds), "auroc": auroc, "aupr": aupr, "fpr": fpr}))
