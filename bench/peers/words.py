"""Times words of texts in Python: PATH (a text a line), `vocabulary` or `encode`, REPETITIONS. Prints JSON.

The words are counted and numbered as torchtext does: `str.lower().split()`, a Counter, a dictionary.
"""
import json
import statistics
import sys
import time
from collections import Counter

with open(sys.argv[1], encoding="utf-8") as file:
    texts = [line.rstrip("\n") for line in file]


def vocabulary():
    counter = Counter()
    for text in texts:
        counter.update(text.lower().split())
    words = sorted(counter.items(), key=lambda pair: pair[0])
    words.sort(key=lambda pair: pair[1], reverse=True)
    return {word: i + 2 for i, (word, _) in enumerate(words[:10_000])}


def encode(numbers):
    return [[numbers.get(word, 0) for word in text.lower().split()] for text in texts]


numbers = vocabulary()
work = vocabulary if sys.argv[2] == "vocabulary" else lambda: encode(numbers)
seconds = []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    result = work()
    seconds.append(time.perf_counter() - start)
encoded = encode(numbers)
print(json.dumps({
    "median": statistics.median(seconds),
    "words": sum(map(len, encoded)),
    "unknown": sum(row.count(0) for row in encoded),
}))
