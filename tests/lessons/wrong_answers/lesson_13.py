"""Wrong answers to the exercises of lesson 13."""

ENCODED = "encoded = [{plain}, {marked}, {both}]"
RIGHT = {
    "plain": "[3, 4, 2]",
    "marked": "[4, 11, 1, 5, 6, 7, 3, 8]",
    "both": "[4, 1, 1, 1, 1, 1, 3, 1]",
}
PAD = """
def pad(rows, maxlen=None, padding="pre", truncating="pre"):
    maxlen = maxlen or {longest}
    padded = []
    for row in rows:
        kept = list(row[-maxlen:] if truncating == "{cut}" else row[:maxlen])
        zeros = [{fill}] * (maxlen - len(kept))
        padded.append(zeros + kept if padding == "{front}" else kept + zeros)
    return np.array(padded)
"""
PAD_RIGHT = {"longest": "max(map(len, rows))", "cut": "pre", "fill": 0, "front": "pre"}
DECOMPOSE = """
def decompose(syllable):
    offset = ord(syllable) - 0xAC00
    return {parts}
"""
MERGES = """
def apply_merges(word, merges):
    pieces = list(word)
    for pair in {order}:
        pieces = merge(pieces, pair)
    return pieces
"""
LONGEST = """
def apply_merges(word, merges):
    known, pieces = {left + right for left, right in merges}, []
    while word:
        size = next((n for n in range(len(word), 1, -1) if word[:n] in known), 1)
        pieces.append(word[:size])
        word = word[size:]
    return pieces
"""
ONCE = """
def apply_merges(word, merges):
    pieces = list(word)
    for left, right in merges:
        for k in range(len(pieces) - 1):
            if (pieces[k], pieces[k + 1]) == (left, right):
                pieces[k : k + 2] = [left + right]
                break
    return pieces
"""
AGAIN = """
def apply_merges(word, merges):
    pieces, before = list(word), None
    while pieces != before:
        before = pieces
        for pair in merges:
            pieces = merge(pieces, pair)
    return pieces
"""
SHARES = """
unknown_shares = []
for share in (0.2, 0.4, 0.8):
    first, after = text.split_lines(constitution, share)
    known, read = {known}, {read}
    unknown_shares.append(sum(word not in known for word in read) / len(read))
"""
KNOWN, READ = "set(split_words(first))", "split_words(rest)"

WRONG = {
    "13.1": [
        ("number 5 kept", ENCODED.format(**RIGHT | {"plain": "[3, 4, 5, 2]"}), "below 5"),
        ("no limit", ENCODED.format(**RIGHT | {"plain": "[3, 10, 4, 5, 6, 2, 7]"}), "without the limit"),
        ("four real words", ENCODED.format(**RIGHT | {"both": "[4, 1, 1, 5, 1, 1, 3, 1]"}), "counts the mark"),
        ("unknown dropped", ENCODED.format(**RIGHT | {"marked": "[4, 11, 5, 6, 7, 3, 8]"}), "left out"),
        ("unknown dropped with both", ENCODED.format(**RIGHT | {"both": "[4, 3]"}), "each of them is 1"),
        ("not moved up", ENCODED.format(**RIGHT | {"marked": "[3, 10, 1, 4, 5, 6, 2, 7]"}), "one larger"),
        ("particle ignored", ENCODED.format(**RIGHT | {"marked": "[4, 11, 12, 5, 6, 7, 3, 8]"}), "분할이"),
        ("limit before the mark", ENCODED.format(**RIGHT | {"both": "[3, 1, 1, 4, 1, 1, 2, 1]"}), "one larger"),
        ("one slip", ENCODED.format(**RIGHT | {"marked": "[4, 11, 1, 5, 6, 7, 3, 9]"}), "place 8"),
        ("words", ENCODED.format(**RIGHT | {"plain": "'나는 공부를 가장'"}), "list of numbers"),
        ("two rows", "encoded = [[3, 4, 2], [4, 11, 1, 5, 6, 7, 3, 8]]", "got 2"),
    ],
    "13.2": [
        ("cut at the end", PAD.format(**PAD_RIGHT | {"cut": "post"}), "off at the front"),
        ("zeros at the end", PAD.format(**PAD_RIGHT | {"front": "post"}), "belong at the front"),
        ("both exchanged", PAD.format(**PAD_RIGHT | {"front": "post", "cut": "post"}), ""),
        ("ones", PAD.format(**PAD_RIGHT | {"fill": 1}), "unknown word"),
        ("five for None", PAD.format(**PAD_RIGHT | {"longest": "5"}), "longest row"),
        ("never cut", PAD.format(**PAD_RIGHT).replace("row[-maxlen:]", "row"), "raised"),
        (
            "settings ignored",
            "def pad(rows, maxlen=None, padding='pre', truncating='pre'):\n"
            "    maxlen = maxlen or max(map(len, rows))\n"
            "    return np.array([[0] * (maxlen - len(row)) + row[-maxlen:] for row in rows])",
            "belong at the end",
        ),
    ],
    "13.3": [
        ("27 finals", DECOMPOSE.format(parts="(*divmod(offset // 27, 21), offset % 27)"), "28"),
        ("none is -1", DECOMPOSE.format(parts="(*divmod(offset // 28, 21), offset % 28 - 1)"), "number 0"),
        ("19 vowels", DECOMPOSE.format(parts="(*divmod(offset // 28, 19), offset % 28)"), "21 vowels"),
        ("without final", DECOMPOSE.format(parts="divmod(offset // 28, 21)"), "got 2"),
        ("final first", DECOMPOSE.format(parts="(*divmod(offset // 28, 21), offset % 28)[::-1]"), "order"),
        ("no offset", DECOMPOSE.replace(" - 0xAC00", "").format(parts="(*divmod(offset // 28, 21), offset % 28)"), ""),
        ("letters", "def decompose(syllable):\n    return text.decompose(syllable)", "three numbers"),
        (
            "code points of NFD",
            "def decompose(syllable):\n    return tuple(map(ord, unicodedata.normalize('NFD', syllable)))",
            "expected",
        ),
    ],
    "13.4": [
        ("longest piece first", LONGEST, "expected"),
        ("last merge first", MERGES.format(order="merges[::-1]"), "expected"),
        ("first occurrence only", ONCE, "every occurrence"),
        ("again and again", AGAIN, "too late"),
        ("sorted", MERGES.format(order="sorted(merges)"), "expected"),
        ("a text", "def apply_merges(word, merges):\n    return ' '.join(word)", "list of pieces"),
        ("characters", "def apply_merges(word, merges):\n    return list(word)", "earlier products"),
    ],
    "13.5": [
        ("types", SHARES.format(known=KNOWN, read="set(split_words(rest))"), "each different word once"),
        ("another rest each time", SHARES.format(known=KNOWN, read="split_words(after)"), "the same for all three"),
        ("vocabulary from all", SHARES.format(known="set(split_words(constitution))", read=READ), "counted from rest"),
        ("characters", SHARES.format(known="set(first)", read="rest"), "characters"),
        ("known", "unknown_shares = [0.35, 0.429, 0.528]", "known words"),
        ("per cent", "unknown_shares = [65, 57.1, 47.2]", "per cent"),
        ("backwards", "unknown_shares = [0.472, 0.571, 0.65]", "order"),
        ("one share", "unknown_shares = [0.472, 0.472, 0.472]", "20 %, 40 %"),
        ("a number", "unknown_shares = 0.47", "three shares"),
    ],
}
