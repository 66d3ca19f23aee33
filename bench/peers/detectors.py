"""Fits one detector to features and scores others in NumPy or scikit-learn. Prints JSON.

Arguments: FOLDER NAME SIDE COUNT WIDTH CLASSES. Higher scores are more anomalous. NumPy multiplies in float32, as our side
does, but decomposes in double; scikit-learn chooses for itself.
"""
import json
import sys
import time

import numpy as np
from memory import peak_resident_bytes

folder, name, side = sys.argv[1:4]
count, width, classes = map(int, sys.argv[4:7])
read = lambda file, columns: np.fromfile(f"{folder}/{file}.f32", np.float32).reshape(-1, columns)
z, f = read("fit-features", width), read("fit-logits", classes)
x, g = read("test-features", width), read("test-logits", classes)
weights, bias = read("weights", width), read("bias", classes)[0]
labels = np.arange(count) % classes
K = {"knn": 50, "nnguide": 100}.get(name)
SHOWN, BLOCK = 200, 1000

unit = lambda a: a / np.linalg.norm(a, axis=1, keepdims=True)


def logsumexp(a):
    most = a.max(1, keepdims=True)
    return np.log(np.exp(a - most).sum(1)) + most[:, 0]


def whitening(deviations):
    covariance = (deviations.T @ deviations).astype(np.float64) / len(deviations)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * values[-1]
    return (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)


def numpy_gaussians(means, of):
    centre = z.mean(0)
    white = whitening(z - means[of])
    middles = (means - centre) @ white

    def nearest(points):
        whitened = (points - centre) @ white
        return np.min([((whitened - middle) ** 2).sum(1) for middle in middles], axis=0)

    return nearest


def sklearn_gaussians(means, of):
    from sklearn.covariance import EmpiricalCovariance

    fitted = EmpiricalCovariance(assume_centered=True).fit(z - means[of])
    return lambda points: np.min([fitted.mahalanobis(points - mean) for mean in means], axis=0)


def mahalanobis():
    gaussians = numpy_gaussians if side == "numpy" else sklearn_gaussians
    return gaussians(np.stack([z[labels == k].mean(0) for k in range(classes)]), labels)


def relative_mahalanobis():
    gaussians = numpy_gaussians if side == "numpy" else sklearn_gaussians
    of_class, of_all = mahalanobis(), gaussians(z.mean(0)[None], np.zeros(count, int))
    return lambda points: of_class(points) - of_all(points)


def knn():
    bank = unit(z)
    if side == "numpy":

        def score(points):
            scores = []
            for start in range(0, len(points), BLOCK):
                products = unit(points[start : start + BLOCK]) @ bank.T
                # A copy: a view would keep all products.
                scores.append(np.partition(products, -K, axis=1)[:, -K].copy())
            return np.sqrt(np.maximum(2 - 2 * np.concatenate(scores), 0))

        return score
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(bank)
    return lambda points: search.kneighbors(unit(points))[0][:, -1]


def nnguide():
    drawn = np.arange(0, count, max(1, count // max(K, count // 100)))
    bank = unit(z[drawn]) * logsumexp(f[drawn])[:, None]

    def score(points):
        means = []
        for start in range(0, len(points), BLOCK):
            products = unit(points[start : start + BLOCK]) @ bank.T
            means.append(np.partition(products, -K, axis=1)[:, -K:].mean(1))
        return -logsumexp(g) * np.concatenate(means)

    return score


def vim():
    u = (-np.linalg.pinv(weights.astype(np.float64)) @ bias).astype(np.float32)
    deviations = z - u
    _, vectors = np.linalg.eigh((deviations.T @ deviations).astype(np.float64))
    residual = vectors[:, : width - width // 2].astype(np.float32)
    alpha = f.max(1).sum() / np.linalg.norm(deviations @ residual, axis=1).sum()
    return lambda points: alpha * np.linalg.norm((points - u) @ residual, axis=1) - logsumexp(g)


def she():
    right = f.argmax(1) == labels
    patterns = np.stack([z[right & (labels == k)].mean(0) for k in range(classes)])
    return lambda points: -(points * patterns[g.argmax(1)]).sum(1)


def fdbd():
    mean = z.mean(0)
    gaps = np.linalg.norm(weights[:, None] - weights[None], axis=2)
    np.fill_diagonal(gaps, np.inf)

    def score(points):
        sums = (np.abs(g.max(1, keepdims=True) - g) / gaps[g.argmax(1)]).sum(1)
        return -sums / np.linalg.norm(points - mean, axis=1)

    return score


def gradnorm():
    def score(points):
        p = np.exp(g - g.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return -np.abs(points).sum(1) * np.abs(classes * p - 1).sum(1)

    return score


start = time.perf_counter()
score = globals()[name.replace("-", "_")]()
middle = time.perf_counter()
scores = score(x)
end = time.perf_counter()
print(
    json.dumps(
        {
            "fitSeconds": middle - start,
            "scoreSeconds": end - middle,
            "seconds": end - start,
            "peakBytes": peak_resident_bytes(),
            "scores": scores[:SHOWN].astype(float).tolist(),
        }
    )
)
