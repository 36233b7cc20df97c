#!/usr/bin/env python3
"""Learns the projection of word states from 384 numbers to 96, for comparing questions with passages word by word.

  learn_projection.py MODEL OUT SET...

MODEL  a folder in sentence-transformers' layout: config.json, model.safetensors, tokenizer.json
OUT    the file to write, word_projection.safetensors: weight [96, 384] and bias [96] in 32-bit floats
SET    folders with corpus.jsonl {"title", "text"}, as BEIR has them; only their passages are read

The state of a word is the mean of the encoder's last states of its pieces, as they are. Punctuation, stop words and
words that the vocabulary can't spell have none, and a word that comes again in a passage doesn't count again. Of all
states, the 96 directions in which they differ most are kept (principal components) and turned by a random rotation, so
that each of the 96 numbers says equally much and its sign is a fair bit. With y = W x + b, the cosine of a question's
word and a passage's word is about
    sum(sign(passage y) * y) / (|y| * sqrt(96)),    y that of the question's word.

Needs: pip install numpy safetensors tokenizers. About a tenth of a second a passage, some 1,100 passages.
"""

import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

DIMENSIONS = 96
MOST_TOKENS = 256
STATES_PER_SET = 12_000
SEED = 0
STOP_WORDS = set(
    """a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it
    its just me my no not of on or our out s she should so than that the their them then there these they this to too up
    us was we were what when where which who why will with would you your""".split()
)


class Encoder:
    """A BERT encoder in 32-bit floats, one text at a time."""

    def __init__(self, folder):
        config = json.loads((folder / "config.json").read_text())
        self.layers, self.heads = config["num_hidden_layers"], config["num_attention_heads"]
        self.epsilon = config["layer_norm_eps"]
        weights = load_file(folder / "model.safetensors")
        self.weights = {name.removeprefix("bert."): value for name, value in weights.items()}
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MOST_TOKENS)

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def normalise(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon)
        return x * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def attend(self, x, layer):
        def split(name):
            y = self.linear(x, f"{layer}.attention.self.{name}")
            return y.reshape(len(x), self.heads, -1).transpose(1, 0, 2)

        query, key, value = split("query"), split("key"), split("value")
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1]).astype(np.float32)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        return mixed.transpose(1, 0, 2).reshape(x.shape)

    def states(self, ids):
        """The last states of the tokens, one row each."""
        table = "embeddings.{}_embeddings.weight"
        x = self.weights[table.format("word")][ids]
        x = x + self.weights[table.format("position")][: len(ids)] + self.weights[table.format("token_type")][0]
        x = self.normalise(x, "embeddings.LayerNorm")
        for number in range(self.layers):
            layer = f"encoder.layer.{number}"
            attended = self.linear(self.attend(x, layer), f"{layer}.attention.output.dense")
            x = self.normalise(x + attended, f"{layer}.attention.output.LayerNorm")
            inner = gelu(self.linear(x, f"{layer}.intermediate.dense"))
            x = self.normalise(x + self.linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        return x

    def words(self, text):
        """The words of a text that count, each once, and the state of each where it comes first."""
        encoding = self.tokenizer.encode(text)
        pieces, spelled = {}, {}
        for at, (word, token) in enumerate(zip(encoding.word_ids, encoding.tokens)):
            if word is not None:
                pieces.setdefault(word, []).append(at)
                spelled[word] = spelled.get(word, "") + token.removeprefix("##")
        first = {}
        for word, spelling in spelled.items():
            if spelling not in STOP_WORDS and "[UNK]" not in spelling and any(c.isalnum() for c in spelling):
                first.setdefault(spelling, pieces[word])
        states = self.states(encoding.ids)
        return list(first), [states[at].mean(0) for at in first.values()]


def gelu(x):
    """x times the normal distribution's share below x; the error function by Abramowitz and Stegun, 7.1.26."""
    z = np.abs(x) / np.float32(np.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return (x / 2 * (1 + np.sign(x) * (1 - series * np.exp(-z * z)))).astype(np.float32)


def sample(encoder, folder):
    """Word states of passages from all over a set, at most STATES_PER_SET."""
    with open(folder / "corpus.jsonl", encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    # A large stride that has no divisor in common with the number of documents visits each of them once.
    stride = next(s for s in range(int(len(documents) * 0.618), 0, -1) if np.gcd(s, len(documents)) == 1)
    states = []
    for number in range(len(documents)):
        document = documents[number * stride % len(documents)]
        states += encoder.words(f"{document.get('title') or ''}\n{document['text']}".strip())[1]
        if len(states) >= STATES_PER_SET:
            break
    print(f"{folder.name}: {len(states)} states of {number + 1} passages", file=sys.stderr, flush=True)
    return np.array(states[:STATES_PER_SET], np.float64)


def learn(states):
    """The projection W, b of states, one row each."""
    mean = states.mean(0)
    variances, directions = np.linalg.eigh(np.cov((states - mean).T))
    directions = directions[:, np.argsort(-variances)[:DIMENSIONS]]
    # Which way an eigenvector points is arbitrary: its largest number is positive here.
    largest = np.abs(directions).argmax(0)
    directions = directions * np.sign(directions[largest, np.arange(DIMENSIONS)])
    rotation, _ = np.linalg.qr(np.random.default_rng(SEED).standard_normal((DIMENSIONS, DIMENSIONS)))
    rows = (directions @ rotation).T
    return rows, -rows @ mean


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    encoder = Encoder(pathlib.Path(sys.argv[1]))
    sets = [pathlib.Path(folder) for folder in sys.argv[3:]]
    rows, biases = learn(np.concatenate([sample(encoder, folder) for folder in sets]))
    numbers = {"weight": rows, "bias": biases}
    save_file({name: np.ascontiguousarray(value, np.float32) for name, value in numbers.items()}, sys.argv[2])


if __name__ == "__main__":
    main()
