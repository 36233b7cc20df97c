#!/usr/bin/env python3
"""Learns the weights of the ranking and of the score from public test sets, and says how well they carry over.

    for set in SETS/*; do qsearch eval $set --foreign ANOTHER --features TABLES/$(basename $set).tsv; done
    python3 benches/train_ranking.py --tables TABLES --sets SETS [--write]

Needs numpy and scipy. A set is a folder in BEIR layout; its table is what `qsearch eval --features` wrote of it. Two
models are fitted, each set counting the same:

- The fusion (src/fuse.rs): the order of a question's candidates, by the softmax loss over each list (Cao et al. 2007,
  "Learning to rank", ListNet's top-one probability), with a little weight decay. Figures are nDCG@10.
- The score (src/confidence.rs): whether the first source answers, by logistic regression. It sees the sets' own
  questions, questions of another set, and own questions whose relevant documents were taken out.
- Trust (src/confidence.rs): the same for whether an answer may be given without a warning. It also knows how far the
  first source stands out from the documents behind it, and sees each question among ten documents, too.

Everything is told twice: with the weights that are shipped, learned from all sets, and for each set with weights that
were learned from the others. `--write` puts the shipped weights into src/fuse/weights.rs and
src/confidence/weights.rs.
"""
import argparse
import os
import re

import numpy as np
from scipy.optimize import minimize

COLUMNS = ("dense sentence in_context context lexical coverage context_coverage body_coverage adjacency "
           "proximity label_overlap interaction missing").split()
DEPTH = 10
DECAY = 1e-4
SCORE_DECAY = 1e-3
# What single words count for isn't learned. Sets of one subject want half of it; a vault of notes on many, asked by
# titles that were taken out, is best with this, and the other weights are learned beside it.
FIXED = {"interaction": 14.0, "interaction × contrast": -7.0}
DISCOUNT = 1 / np.log2(np.arange(2, DEPTH + 2))
FUSION = ["likeness", "words", "coverage", "adjacency", "context coverage", "likeness × contrast",
          "words × contrast", "coverage × contrast", "adjacency × contrast", "likeness × lead", "words × lead",
          "interaction", "interaction × contrast"]
SCORE = ["likeness", "coverage", "likeness × coverage", "adjacency", "context coverage", "contrast"]
TRUST = ["likeness", "interaction", "coverage", "adjacency", "contrast", "lead"]
MOST_LEAD = 5.0
TRUSTED = 0.3
RIVALS = 20
# The documents of a small folder of notes.
SMALL = 10
# An own question whose documents were taken out is often answered by one that nobody judged.
KINDS = {"own": 1.0, "foreign": 1.0, "near": 0.5, "small": 0.5, "small near": 0.5}


class Question:
    """A question's candidates: the numbers of their documents, their gains, their features."""

    def __init__(self, rows):
        numbers = {}
        self.docs = np.array([numbers.setdefault(row[0], len(numbers)) for row in rows])
        self.gains = np.maximum(np.array([row[1] for row in rows]), 0.0)
        self.columns = np.array([row[2] for row in rows])
        self.words = [row[3] for row in rows]

    def without(self, keep):
        other = Question.__new__(Question)
        other.docs, other.gains, other.columns = self.docs[keep], self.gains[keep], self.columns[keep]
        if len(other.gains) > 0:
            other.fusion, other.score = other.inputs()
        return other

    def small(self, random):
        """The same question among few documents: those that answer and others."""
        relevant, all_docs = np.unique(self.docs[self.gains > 0]), np.unique(self.docs)
        others = random.permutation(np.setdiff1d(all_docs, relevant))[:SMALL - 1]
        return self.without(np.isin(self.docs, np.concatenate([relevant, others])))

    def first(self, weights):
        """The first candidate, and what is known of it to tell whether it can be trusted."""
        sums = self.fusion @ weights + self.same_label
        order = np.argsort(-sums, kind="stable")
        first = order[0]
        rivals = order[1:][self.docs[order[1:]] != self.docs[first]][:RIVALS]
        lead = min(sums[first] - sums[rivals].max(), MOST_LEAD) if len(rivals) else MOST_LEAD
        f = dict(zip(COLUMNS, self.columns[first]))
        likeness, contrast = self.score[first][0], self.score[first][5]
        return first, [likeness, f["interaction"], f["coverage"], f["adjacency"], contrast, lead]

    def inputs(self):
        """The inputs of both models for each candidate; see src/fuse.rs and src/confidence.rs."""
        f = dict(zip(COLUMNS, self.columns.T))
        likeness = np.maximum.reduce([f["dense"], f["sentence"], f["in_context"], f["context"] - 0.05])
        lexical = f["lexical"]
        spread = lexical.max() - lexical.min()
        words = (lexical - lexical.min()) / spread if spread > 0 else np.zeros(len(lexical))
        ordered = np.sort(likeness)[::-1]
        contrast = ordered[0] - ordered[min(49, len(ordered) - 1)]
        best = np.sort(lexical)[::-1]
        lead = 1 - best[min(9, len(best) - 1)] / best[0] if best[0] > 0 else 0.0
        coverage, adjacency, context = f["coverage"], f["adjacency"], f["context_coverage"]
        fusion = [likeness, words, coverage, adjacency, context, likeness * contrast, words * contrast,
                  coverage * contrast, adjacency * contrast, likeness * lead, words * lead,
                  f["interaction"], f["interaction"] * contrast]
        score = [likeness, coverage, likeness * coverage, adjacency, context, np.full(len(lexical), contrast)]
        # Too rare to learn from; see SAME_LABEL in src/fuse.rs and src/confidence.rs.
        self.same_label = 2.0 * np.maximum(f["label_overlap"] - 0.8, 0) / 0.2
        return np.stack(fusion, 1), np.stack(score, 1)


def read(table, qrels):
    """The set's own questions with a relevant document, by their ideal gain, and the foreign ones."""
    questions = {}
    with open(table, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            query, doc, gain, _, _, _, *features, words = line.rstrip("\n").split("\t")
            questions.setdefault(query, []).append((doc, float(gain), [float(x) for x in features], words))
    gains = {}
    with open(qrels, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            query, _, gain = line.split("\t")
            if float(gain) > 0:
                gains.setdefault(query, []).append(float(gain))
    own, foreign = [], []
    for query, rows in questions.items():
        question = Question(rows)
        if query.startswith("foreign:"):
            foreign.append(question)
        elif query in gains:
            best = np.sort(gains[query])[::-1][:DEPTH]
            question.ideal = (best * DISCOUNT[:len(best)]).sum()
            own.append(question)
    return own, foreign


def ndcg(questions, weights):
    total = 0.0
    for question in questions:
        order = np.argsort(-(question.fusion @ weights + question.same_label), kind="stable")
        _, first = np.unique(question.docs[order], return_index=True)
        gains = question.gains[order][np.sort(first)[:DEPTH]]
        total += (gains * DISCOUNT[:len(gains)]).sum() / question.ideal
    return total / len(questions)


def fit_fusion(sets):
    """Weights with the least softmax loss, summed up over lists, each set counting the same."""
    fixed = np.array([FIXED.get(name, 0.0) for name in FUSION])
    learned = [at for at, name in enumerate(FUSION) if name not in FIXED]
    inputs, given, targets, starts, share, at = [], [], [], [], [], 0
    for questions in sets:
        known = [question for question in questions if question.gains.max() > 0]
        for question in known:
            relevant = (question.gains > 0).astype(float)
            inputs.append(question.fusion[:, learned])
            given.append(question.fusion @ fixed)
            targets.append(relevant / relevant.sum())
            starts.append(at)
            share.append(1 / len(known) / len(sets))
            at += len(relevant)
    inputs, given, targets = np.concatenate(inputs), np.concatenate(given), np.concatenate(targets)
    starts, share = np.array(starts), np.array(share)
    scale = inputs.std(0) + 1e-9
    inputs = (inputs - inputs.mean(0)) / scale
    list_of = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, at)))

    def loss(weights):
        scores = inputs @ weights + given
        scores -= np.maximum.reduceat(scores, starts)[list_of]
        powers = np.exp(scores)
        sums = np.add.reduceat(powers, starts)
        value = -(share * np.add.reduceat(targets * (scores - np.log(sums)[list_of]), starts)).sum()
        slope = inputs.T @ (share[list_of] * (powers / sums[list_of] - targets))
        return value + DECAY * weights @ weights, slope + 2 * DECAY * weights

    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    fixed[learned] = found.x / scale
    return fixed


def first_sources(own, foreign, weights):
    """The first source of own questions, of foreign ones and of own ones that nothing relevant is left for: the
    inputs of the score, whether it is relevant, and a share so that each kind counts the same."""
    inputs, labels, kinds = [], [], []

    def take(question, kind):
        first = np.argmax(question.fusion @ weights + question.same_label)
        inputs.append(question.score[first])
        labels.append(float(question.gains[first] > 0))
        kinds.append(kind)

    for question in own:
        take(question, 0)
        rest = question.without(question.gains <= 0)
        if len(rest.gains) > 0:
            take(rest, 2)
    for question in foreign:
        take(question, 1)
    kinds = np.array(kinds)
    counts = np.maximum(np.bincount(kinds, minlength=3), 1)
    # An own question whose documents were taken out is often answered by one that nobody judged.
    share = np.array([1.0, 1.0, 0.25])[kinds] / counts[kinds]
    return np.array(inputs), np.array(labels), share / share.sum(), kinds


def trusted(own, foreign, weights):
    """The first source of questions of each of KINDS, as `first_sources` gives them."""
    random, inputs, labels, kinds = np.random.default_rng(1), [], [], []

    def take(question, kind):
        if len(question.gains) > 0:
            first, known = question.first(weights)
            inputs.append(known)
            labels.append(float(question.gains[first] > 0))
            kinds.append(list(KINDS).index(kind))

    for question in own:
        small = question.small(random)
        take(question, "own")
        take(question.without(question.gains <= 0), "near")
        take(small, "small")
        take(small.without(small.gains <= 0), "small near")
    for question in foreign:
        take(question, "foreign")
    kinds = np.array(kinds)
    share = np.array(list(KINDS.values()))[kinds] / np.maximum(np.bincount(kinds, minlength=len(KINDS)), 1)[kinds]
    return np.array(inputs), np.array(labels), share / share.sum(), kinds


def told_of_trust(source, weights):
    """Of own questions the share of trusted answers that are right and of right ones that are trusted; the share of
    others that are trusted: questions without their documents, foreign ones, and right ones and others in small."""
    inputs, labels, _, kinds = source
    high = inputs @ weights[:-1] + weights[-1] >= np.log(TRUSTED / (1 - TRUSTED))
    own, near, small, small_near = (kinds == list(KINDS).index(kind) for kind in ("own", "near", "small", "small near"))
    mean = lambda values: values.mean() if len(values) else float("nan")
    return (mean(labels[own & high]), mean(high[own & (labels == 1)]), mean(high[near]), mean(high[kinds == 1]),
            mean(labels[small & high]), mean(high[small & (labels == 1)]), mean(high[small_near]))


def fit_score(sources):
    inputs = np.concatenate([source[0] for source in sources])
    labels = np.concatenate([source[1] for source in sources])
    share = np.concatenate([source[2] for source in sources]) / len(sources)
    mean, scale = inputs.mean(0), inputs.std(0) + 1e-9
    inputs = np.column_stack([(inputs - mean) / scale, np.ones(len(inputs))])

    def loss(weights):
        logits = inputs @ weights
        value = (share * (np.logaddexp(0, logits) - labels * logits)).sum()
        slope = inputs.T @ (share * (1 / (1 + np.exp(-logits)) - labels))
        decay = np.append(np.full(inputs.shape[1] - 1, SCORE_DECAY), 0)
        return value + (decay * weights) @ weights, slope + 2 * decay * weights

    weights = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B").x
    plain = weights[:-1] / scale
    return np.append(plain, weights[-1] - plain @ mean)


def told(source, weights, threshold):
    """AUC of own against foreign first sources, the shares refused, and the calibration error."""
    inputs, labels, _, kinds = source
    scores = 1 / (1 + np.exp(-(inputs @ weights[:-1] + weights[-1])))
    own, foreign = scores[kinds == 0], scores[kinds == 1]
    ranks = np.argsort(np.argsort(np.concatenate([own, foreign]), kind="stable"), kind="stable") + 1
    auc = (ranks[:len(own)].sum() - len(own) * (len(own) + 1) / 2) / (len(own) * len(foreign))
    both = kinds < 2
    bins = np.minimum((scores[both] * 10).astype(int), 9)
    error = sum(abs(scores[both][bins == b].mean() - labels[both][bins == b].mean()) * (bins == b).mean()
                for b in range(10) if (bins == b).any())
    return auc, (own < threshold).mean(), (foreign < threshold).mean(), error


def write(path, name, weights):
    text = open(path, encoding="utf-8").read()
    numbers = ", ".join(f"{weight:.3f}" for weight in weights)
    text, count = re.subn(rf"(?s)(pub(?:\(super\))? const {name}: [^=]*=\s*)\[.*?\];", rf"\g<1>[{numbers}];", text)
    assert count == 1, f"{path} has no {name}"
    open(path, "w", encoding="utf-8").write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", required=True)
    parser.add_argument("--sets", required=True)
    parser.add_argument("--threshold", type=float, default=0.06)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    names = sorted(name[:-4] for name in os.listdir(args.tables) if name.endswith(".tsv"))
    own, foreign = {}, {}
    for name in names:
        own[name], foreign[name] = read(f"{args.tables}/{name}.tsv", f"{args.sets}/{name}/qrels.tsv")
        for question in own[name] + foreign[name]:
            question.fusion, question.score = question.inputs()
    shipped = fit_fusion([own[name] for name in names])
    sources = {name: first_sources(own[name], foreign[name], shipped) for name in names}
    shipped_score = fit_score([sources[name] for name in names])
    print("| set | nDCG@10 shipped | set left out | AUC shipped | left out | own refused | foreign refused "
          "| calibration error | left out |\n|" + "---|" * 9)
    trusts = {name: trusted(own[name], foreign[name], shipped) for name in names}
    shipped_trust = fit_score(list(trusts.values()))
    means, told_trust = [], []
    for name in names:
        others = [other for other in names if other != name]
        left_out = fit_fusion([own[other] for other in others])
        score = fit_score([first_sources(own[other], foreign[other], left_out) for other in others])
        both = ndcg(own[name], shipped), ndcg(own[name], left_out)
        means.append(both)
        trust = fit_score([trusts[other] for other in others])
        told_trust.append((name, *told_of_trust(trusts[name], trust)))
        auc, _, _, error = told(sources[name], shipped_score, args.threshold)
        out = told(first_sources(own[name], foreign[name], left_out), score, args.threshold)
        print(f"| {name} | {both[0]:.4f} | {both[1]:.4f} | {auc:.4f} | {out[0]:.4f} | {out[1]:.4f} | {out[2]:.4f} "
              f"| {error:.4f} | {out[3]:.4f} |")
    print("| mean | {:.4f} | {:.4f} |".format(*np.mean(means, 0)))
    print("\n| set, left out | high and right | right and high | near misses | foreign | small: high and right "
          "| right and high | near misses |\n|" + "---|" * 8)
    for row in told_trust:
        print("| " + row[0] + " | " + " | ".join(f"{value:.3f}" for value in row[1:]) + " |")
    for inputs, weights in ((FUSION, shipped), (SCORE + ["bias"], shipped_score), (TRUST + ["bias"], shipped_trust)):
        print("\n" + "\n".join(f"{weight:9.3f}  {name}" for name, weight in zip(inputs, weights)))
    if args.write:
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        write(f"{here}/src/fuse/weights.rs", "WEIGHTS", shipped)
        write(f"{here}/src/confidence/weights.rs", "WEIGHTS", shipped_score)
        write(f"{here}/src/confidence/weights.rs", "TRUST", shipped_trust)


main()
