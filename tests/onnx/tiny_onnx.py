#!/usr/bin/env python3
"""Writes a folder with a tiny text-embedding model in ONNX, to try models that a user brings.

  tiny_onnx.py FOLDER [--words corpus] [--dim 128] [--cross] [--flat]

The vector of a text is the mean of its words' vectors, which are pseudo-random and longer for rare words, so that
a question finds the passage with its words. The words are those of the notes in --words (default: the project's
own); others are spelt with the pieces of single letters. The folder has the files that a sentence-transformers
model in ONNX has and comes out the same to the byte on every machine. Needs Python 3.9 and nothing else.

With --cross the model is a cross-encoder, whose logit can be told by counting: for each word and sign of the question
how often the passage has it, all added up, less 3. With --flat, too, the logits are no column, as fastembed wants them.

Mistakes that a real model would show are shown here too: what stands at padded positions isn't zero, so a mean
over them is wrong; the first token's vector is the same for every text, so taking it for the text's is wrong.
"""
import argparse
import collections
import hashlib
import json
import math
import os
import re
import struct

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
MAX_TOKENS = 256
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2022\u2192"
FLOAT, INT64 = 1, 7  # TensorProto.DataType


# ---- Protocol buffers: just enough to write a message ----

def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def message(*fields):
    """A message from (field number, value): an int from 0, a text, or bytes, as which other messages are given."""
    out = b""
    for field, value in fields:
        if isinstance(value, int):
            out += varint(field << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            out += varint(field << 3 | 2) + varint(len(value)) + value
    return out


# ---- ONNX: the field numbers are those of onnx.proto ----

def tensor(name, kind, shape, data):
    return message(*((1, size) for size in shape), (2, kind), (8, name), (9, data))


def value_info(name, kind, shape):
    """An input or output; a size given as a text is one that varies."""
    dims = [(1, message((2 if isinstance(size, str) else 1, size))) for size in shape]
    return message((1, name), (2, message((1, message((1, kind), (2, message(*dims)))))))


def node(operator, inputs, output, **attributes):
    """An operator; its attributes are whole numbers (type 2)."""
    inputs = [(1, name) for name in inputs]
    attributes = [(5, message((1, name), (3, value), (20, 2))) for name, value in attributes.items()]
    return message(*inputs, (2, output), (3, output), (4, operator), *attributes)


def model(rows, dim):
    """Looks up each token's vector, adds its type's, and spoils what the attention mask leaves out."""
    nodes = [
        node("Gather", ["word_vectors", "input_ids"], "words", axis=0),
        node("Gather", ["type_vectors", "token_type_ids"], "types", axis=0),
        node("Add", ["words", "types"], "tokens"),
        node("Cast", ["attention_mask"], "mask", to=FLOAT),
        node("Unsqueeze", ["mask", "last_axis"], "mask_column"),
        node("Sub", ["mask_column", "one"], "padding"),
        node("Add", ["tokens", "padding"], "last_hidden_state"),
    ]
    initializers = [
        tensor("word_vectors", FLOAT, [len(rows), dim], b"".join(rows)),
        tensor("type_vectors", FLOAT, [2, dim], bytes(4 * dim) + vector("type 1", dim, 1)),
        tensor("last_axis", INT64, [1], struct.pack("<q", -1)),
        tensor("one", FLOAT, [], struct.pack("<f", 1)),
    ]
    return program(nodes, initializers, value_info("last_hidden_state", FLOAT, ["batch", "sequence", dim]))


def cross_encoder(flat):
    """Compares each token of the first text with each of the second, which its types tell apart, and counts the equal.

    Special tokens stand first in the vocabulary and don't count, nor does what the attention mask leaves out.
    """
    nodes = [
        node("Unsqueeze", ["input_ids", "middle_axis"], "as_row"),
        node("Unsqueeze", ["input_ids", "last_axis"], "as_column"),
        node("Equal", ["as_row", "as_column"], "same"),
        node("Cast", ["same"], "equal", to=FLOAT),
        node("Greater", ["input_ids", "last_special"], "telling"),
        node("Cast", ["telling"], "is_word", to=FLOAT),
        node("Cast", ["attention_mask"], "mask", to=FLOAT),
        node("Mul", ["mask", "is_word"], "word"),
        node("Cast", ["token_type_ids"], "type", to=FLOAT),
        node("Sub", ["one", "type"], "other_type"),
        node("Mul", ["word", "other_type"], "first"),
        node("Mul", ["word", "type"], "second"),
        node("Unsqueeze", ["first", "last_axis"], "first_column"),
        node("Unsqueeze", ["second", "middle_axis"], "second_row"),
        node("Mul", ["equal", "first_column"], "in_first"),
        node("Mul", ["in_first", "second_row"], "in_both"),
        node("ReduceSum", ["in_both", "inner_axes"], "counts", keepdims=0),
        node("Sub", ["counts", "three"], "logits" if flat else "score"),
    ]
    if not flat:
        nodes.append(node("Unsqueeze", ["score", "last_axis"], "logits"))
    initializers = [
        tensor("last_axis", INT64, [1], struct.pack("<q", -1)),
        tensor("middle_axis", INT64, [1], struct.pack("<q", 1)),
        tensor("inner_axes", INT64, [2], struct.pack("<2q", 1, 2)),
        tensor("last_special", INT64, [], struct.pack("<q", len(SPECIAL) - 1)),
        tensor("one", FLOAT, [], struct.pack("<f", 1)),
        tensor("three", FLOAT, [], struct.pack("<f", 3)),
    ]
    return program(nodes, initializers, value_info("logits", FLOAT, ["batch"] if flat else ["batch", 1]))


def program(nodes, initializers, output):
    """A model file of these operators, over the tokens of a batch of texts."""
    inputs = [value_info(n, INT64, ["batch", "sequence"]) for n in ("input_ids", "attention_mask", "token_type_ids")]
    graph = message(
        *((1, n) for n in nodes), (2, "tiny"), *((5, t) for t in initializers),
        *((11, i) for i in inputs), (12, output))
    opset = message((1, ""), (2, 14))
    return message((1, 8), (2, "tiny_onnx.py"), (7, graph), (8, opset))


# ---- The vocabulary and its vectors ----

def count_words(folder):
    """How often each word and sign occurs in the folder's notes."""
    counts = collections.Counter()
    for name in sorted(os.listdir(folder)):
        if name.endswith((".md", ".txt")):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                counts.update(re.findall(r"[a-z0-9]+|[!-/:-@\[-`{-~]", f.read().lower()))
    return counts


def weigh(counts):
    """The vocabulary in order, with the lengths of the vectors: words that occur often say little."""
    total = sum(counts.values())
    lengths = {token: 0.01 for token in SPECIAL}
    lengths.update((sign, 0.01) for sign in SIGNS)
    for letter in LETTERS:
        lengths[letter] = lengths["##" + letter] = 0.1
    for word in sorted(counts):
        if word not in lengths:
            lengths[word] = total / (total + 1000 * counts[word])
    return lengths


def vector(token, dim, length):
    """Numbers that look random and depend on the token alone, in the bytes of 32-bit floats.

    The squares are added as whole numbers, for sums of floats differ between versions of Python.
    """
    numbers = struct.unpack(f"<{dim}h", hashlib.shake_256(token.encode()).digest(2 * dim))
    scale = length / math.sqrt(sum(n * n for n in numbers))
    return struct.pack(f"<{dim}f", *(n * scale for n in numbers))


# ---- The other files ----

def tokenizer(vocabulary):
    """Lower-cased words and pieces as BERT has them, with [CLS] before and [SEP] after each text."""
    numbers = {token: number for number, token in enumerate(vocabulary)}
    part = lambda name, kind: {"SpecialToken": {"id": name, "type_id": kind}}
    text = lambda name, kind: {"Sequence": {"id": name, "type_id": kind}}
    single = [part("[CLS]", 0), text("A", 0), part("[SEP]", 0)]
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": numbers[t], "special": True, "content": t, **plain} for t in SPECIAL],
        "normalizer": {
            "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
            "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": single, "pair": single + [text("B", 1), part("[SEP]", 1)],
            "special_tokens": {t: {"id": t, "ids": [numbers[t]], "tokens": [t]} for t in ("[CLS]", "[SEP]")}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": numbers},
    }


def settings(tokens, dim):
    """The small files, by name."""
    special = {t.strip("[]").lower() + "_token": t for t in SPECIAL}
    modes = {"cls_token": False, "mean_tokens": True, "max_tokens": False, "mean_sqrt_len_tokens": False}
    return {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "hidden_size": dim, "vocab_size": tokens,
            "max_position_embeddings": MAX_TOKENS, "type_vocab_size": 2, "pad_token_id": SPECIAL.index("[PAD]")},
        "special_tokens_map.json": special,
        "tokenizer_config.json": {
            "tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": MAX_TOKENS, **special},
        "1_Pooling/config.json": {
            "word_embedding_dimension": dim, **{"pooling_mode_" + name: on for name, on in modes.items()}},
    }


def main():
    project = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", help="where to write; it is made if need be")
    p.add_argument("--words", default=os.path.join(project, "corpus"), help="folder of notes with the words to know")
    p.add_argument("--dim", type=int, default=128, help="how many numbers a vector has; fewer find worse")
    p.add_argument("--cross", action="store_true", help="a cross-encoder instead")
    p.add_argument("--flat", action="store_true", help="one whose output has a shape that can't be used")
    a = p.parse_args()
    lengths = weigh(count_words(a.words))
    rows = [vector(token, a.dim, length) for token, length in lengths.items()]
    files = {name: json.dumps(content, indent=1).encode() for name, content in settings(len(rows), a.dim).items()}
    files["tokenizer.json"] = json.dumps(tokenizer(lengths)).encode()
    files["model.onnx"] = cross_encoder(a.flat) if a.cross else model(rows, a.dim)
    os.makedirs(os.path.join(a.folder, "1_Pooling"), exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(a.folder, name), "wb") as f:
            f.write(content)


main()
