"""Writes minilm_reference.jsonl: token numbers and 32-bit vectors of the texts below, from the original weights.

    python -m venv venv && venv/bin/pip install numpy scipy safetensors tokenizers
    venv/bin/python minilm_reference.py FOLDER > minilm_reference.jsonl

FOLDER is the sentence-transformers folder that models/README.md says how to get.
"""

import json
import sys

import numpy as np
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

TEXTS = [
    "",
    "a",
    ".",
    "what is the GIL",
    "The global interpreter lock lets only one thread run Python bytecode at a time.",
    "Generators are lazy: they yield one value, wait, and go on where they left off.",
    "Wie schnell wächst ein Kürbis? Ungefähr fünf Zentimeter täglich, über Nacht sogar mehr.",
    "Café crème, naïve façade, Ångström, İstanbul, ΣΊΣΥΦΟΣ",
    "cafe\u0301 e\u0323\u0302 \u1d15e\U0001d157\U0001d165 a\u302f\u1b44b",
    "東京都に住んでいます。",
    "我喜欢 Rust 语言,因为它很快。",
    "한국어 문장도 있습니다",
    "Привет, мир! Как дела?",
    "مرحبا بالعالم",
    "def f(x: int) -> int:\n    return x ** 2  # squares\n",
    "https://example.org/a/b?c=d&e=%20#frag user@example.org",
    "zero\u200bwidth, soft\u00adhyphen, \ufeffmark, nul\u0000nul and \ufffdreplacement",
    "tab\tnew\nline\rreturn\u00a0nbsp\u2003em\u3000wide\u0085nel\u000bvt",
    "antidisestablishmentarianism floccinaucinihilipilification",
    "x" * 100 + " " + "y" * 101 + " end",
    "[CLS] written out [SEP] as [MASK] and [mask] or [UNK]",
    "🎉 emoji 👩‍👩‍👧 ﬁne ligature ½ ² № ™",
    "\u2014\u2018quotes\u2019 \u00abguillemets\u00bb \u2026 $5 + 3 = 8 ~ ^ ` |",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "memory " * 300,
    "Each passage of a long note is cut where the model's window ends, and what follows is not read. " * 20,
]


def encode(weights, ids):
    def norm(x, name):
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * weights[name + ".LayerNorm.weight"] + weights[name + ".LayerNorm.bias"]

    def linear(x, name):
        return x @ weights[name + ".weight"].T + weights[name + ".bias"]

    tokens = len(ids)
    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][:tokens]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings")
    for layer in range(6):
        name = f"encoder.layer.{layer}."
        q, k, v = (
            linear(x, name + "attention.self." + part).reshape(tokens, 12, 32).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(np.float32(32))
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(tokens, 384)
        x = norm(x + linear(mixed, name + "attention.output.dense"), name + "attention.output")
        middle = linear(x, name + "intermediate.dense")
        middle = middle * (1 + erf(middle / np.sqrt(np.float32(2)))) / 2
        x = norm(x + linear(middle, name + "output.dense"), name + "output")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main():
    folder = sys.argv[1]
    weights = load_file(folder + "/model.safetensors")
    tokenizer = Tokenizer.from_file(folder + "/tokenizer.json")
    tokenizer.no_padding()
    for text in TEXTS:
        tokenizer.no_truncation()
        tokens = tokenizer.encode(text, add_special_tokens=False)
        ends = [len(text[:end].encode()) for _, end in tokens.offsets]
        tokenizer.enable_truncation(256)
        vector = encode(weights, tokenizer.encode(text).ids)
        row = {"text": text, "ids": tokens.ids, "ends": ends, "embedding": [round(float(x), 6) for x in vector]}
        print(json.dumps(row))


main()
