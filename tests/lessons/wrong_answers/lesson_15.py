"""Wrong answers to the exercises of lesson 15."""

BIGRAM = """
def add_one_bigram(documents, characters):
    index = {{character: i for i, character in enumerate(characters)}}
    counts = np.{start}((len(characters), len(characters)))
    for document in {documents}:
        for before, after in zip(document, document[1:]):
            counts[index[{row}], index[{column}]] += 1
    return {result}
"""
RIGHT = {
    "start": "ones",
    "documents": "documents",
    "row": "before",
    "column": "after",
    "result": "counts / counts.sum(axis=1, keepdims=True)",
}

SHIFT = """
def shift(ids, rows, length):
    batches = (len(ids) - 1) // (rows * length)
    used = batches * rows * length
    inputs = ids[:used]{reshape}
    targets = ids[1 : used + 1]{reshape}
    {then}
    return inputs, targets
"""
READ_ON = ".reshape(rows, batches, length).swapaxes(0, 1)"

SAMPLE = """
def sample(logits, temperature, top_k, seed):
    {zero}
    scaled = np.array(logits, dtype=float)
    scaled = scaled {by} temperature
    if top_k:
        {cut}
    weights = np.exp(scaled - scaled.max())
    rng = np.random.default_rng({seed})
    return {drawn}
"""
SOUND = {
    "zero": "if temperature == 0:\n        return int(np.argmax(logits))",
    "by": "/",
    "cut": "scaled[np.argsort(-scaled)[top_k:]] = -np.inf",
    "seed": "seed",
    "drawn": "int(rng.choice(len(weights), p=weights / weights.sum()))",
}

PERPLEXITIES = """
def perplexities(share, string):
    return counted_perplexities(train_text[: int(share * len(train_text))], string, len(characters))
"""


def bigram(**changes: str) -> str:
    return BIGRAM.format(**RIGHT | changes)


def shift(reshape: str = READ_ON, then: str = "") -> str:
    return SHIFT.format(reshape=reshape, then=then)


def sample(**changes: str) -> str:
    return SAMPLE.format(**SOUND | changes)


WRONG = {
    "15.1": [
        ("arithmetic mean", "four_characters = 1 / np.mean([1 / 2, 1 / 4, 1 / 8, 1 / 8])", "arithmetic"),
        ("base mixed", "four_characters = np.exp(9 / 4)", "take 2 for bits"),
        ("sum", "four_characters = 2**9", "mean a character"),
        ("cross-entropy", "four_characters = 9 / 4", "cross-entropy in bits"),
        ("of the distribution", "four_characters = 2**1.75", "entropy of p"),
    ],
    "15.2": [
        ("no smoothing", bigram(start="zeros"), "probability 0"),
        ("counts", bigram(result="counts"), "divide each row"),
        ("over the borders", bigram(documents='["".join(documents)]'), "first of the next"),
        ("exchanged", bigram(row="after", column="before"), "exchanged"),
        ("columns", bigram(result="counts / counts.sum(axis=0)"), "rows that must"),
        ("all of it", bigram(result="counts / counts.sum()"), "each row must"),
    ],
    "15.3": [
        ("contiguous in a batch", shift(".reshape(batches, rows, length)"), "next batch"),
        (
            "batches in another order",
            shift(then="inputs, targets = inputs[::-1], targets[::-1]"),
            "another order",
        ),
        ("target is input", shift(then="targets = inputs"), "repeat what it reads"),
        ("rolled within a window", shift(then="targets = np.roll(inputs, -1, axis=2)"), "its own first id"),
        ("rows first", shift(".reshape(rows, batches, length)"), "shape"),
    ],
    "15.4": [
        ("bias too", "saved_weights = 380 * 64 + 380", "bias"),
        ("both tables", "saved_weights = 48_640", "one stays"),
        ("nothing", "saved_weights = 0", "become one"),
        ("square", "saved_weights = 380 * 380", "for each unit"),
    ],
    "15.5": [
        ("times the temperature", sample(by="*"), "divided"),
        (
            "top-k after the drawing",
            sample(
                cut="pass", drawn="min(int(rng.choice(len(weights), p=weights / weights.sum())), (top_k or 99) - 1)"
            ),
            "likeliest",
        ),
        ("divides by zero", sample(zero=""), "temperature 0"),
        ("not scaled to sum 1", sample(drawn="int(rng.choice(len(weights), p=weights))"), "sum to 1"),
        ("unseeded", sample(seed=""), "same seed"),
        ("top-k forgotten", sample(cut="pass"), "among the 2 likeliest"),
        ("always greedy", sample(drawn="int(np.argmax(weights))"), "always the likeliest"),
    ],
    "15.6": [
        ("the same for all", "best_lengths = (5, 5, 5)", "for all three"),
        (
            "counted from 0",
            PERPLEXITIES + "best_lengths = tuple(int(np.argmin(perplexities(s, valid_text))) for s in (0.01, 0.1, 1))",
            "from 0",
        ),
        ("on what was counted", "best_lengths = (8, 8, 8)", "valid_text"),
        ("the other way round", "best_lengths = (5, 4, 3)", "order"),
        ("two only", "best_lengths = (3, 5)", "three lengths"),
    ],
}
