"""Wrong answers to the exercises of lesson 09."""

CAUSAL = """
def causal_conv(x, kernel, dilation):
    span = (len(kernel) - 1) * dilation
    padded = np.pad(x, ({before}, {after}))
    return np.array([padded[t : t + span + 1 : {step}] @ kernel{order} for t in range(len(x))])
"""
UNUSED = """
def unused(n, k, s):
    return {result}
"""
TARGETS = """
def targets_for(Y, k, s, d, padding):
    if padding == "same":
        {same}
    return {result}
"""
REFUSES = 'raise ValueError("an output of same has read beyond its own step")'

WRONG = {
    "09.1": [
        ("valid rounded up", "lengths = [34, 34, 34, 85]", "does not round up"),
        ("dilation ignored", "lengths = [33, 34, 34, 99]", "dilation stretches"),
        ("one too few", "lengths = [32, 34, 34, 84]", "+ 1"),
        ("same and causal keep their length", "lengths = [33, 101, 101, 85]", "stride shortens same"),
        ("taps times dilation", "lengths = [33, 34, 34, 78]", "2 gaps"),
        ("causal as valid", "lengths = [33, 34, 33, 85]", "zeros in front"),
    ],
    "09.2": [
        (
            "zeros on both sides",
            CAUSAL.format(before="span - span // 2", after="span // 2", step="dilation", order=""),
            "x[t + 1]",
        ),
        ("zeros at the end", CAUSAL.format(before="0", after="span", step="dilation", order=""), "future"),
        (
            "valid",
            """
def causal_conv(x, kernel, dilation):
    span = (len(kernel) - 1) * dilation
    return np.array([x[t - span : t + 1 : dilation] @ kernel for t in range(span, len(x))])
""",
            "valid",
        ),
        ("kernel turned round", CAUSAL.format(before="span", after="0", step="dilation", order="[::-1]"), "backwards"),
        (
            "negative indices",
            """
def causal_conv(x, kernel, dilation):
    k = len(kernel)
    return np.array([sum(kernel[i] * x[t - (k - 1 - i) * dilation] for i in range(k)) for t in range(len(x))])
""",
            "x[-1]",
        ),
        (
            "no dilation",
            """
def causal_conv(x, kernel, dilation):
    padded = np.pad(x, (len(kernel) - 1, 0))
    return np.array([padded[t : t + len(kernel)] @ kernel for t in range(len(x))])
""",
            "dilation is missing",
        ),
    ],
    "09.3": [
        (
            "the notes' argument",
            UNUSED.format(result="[] if k > s else [i for i in range(n) if i % s >= k]"),
            "the end",
        ),
        ("only the end", UNUSED.format(result="list(range(n - (n - k) % s, n))"), "in between"),
        ("counted from 1", UNUSED.format(result="list(range(n - (n - k) % s + 1, n + 1))"), "first time step is 0"),
        ("at the beginning", UNUSED.format(result="list(range((n - k) % s))"), "rest is at the end"),
        ("one too many", UNUSED.format(result="list(range(n - (n - k) % s - 1, n))"), "expected"),
        ("how many", UNUSED.format(result="(n - k) % s"), "list of time steps"),
    ],
    "09.4": [
        ("targets of what was seen", TARGETS.format(same=REFUSES, result="Y[:, ::s]"), "has seen"),
        (
            "one too late",
            TARGETS.format(same=REFUSES, result="Y[:, k * d :: s] if padding == 'valid' else Y[:, ::s]"),
            "count from 0",
        ),
        (
            "dilation ignored",
            TARGETS.format(same=REFUSES, result="Y[:, k - 1 :: s] if padding == 'valid' else Y[:, ::s]"),
            "has seen",
        ),
        ("causal as valid", TARGETS.format(same=REFUSES, result="Y[:, (k - 1) * d :: s]"), "has read up to 0"),
        (
            "no stride",
            TARGETS.format(same=REFUSES, result="Y[:, (k - 1) * d :] if padding == 'valid' else Y"),
            "one every 2 steps",
        ),
        (
            "same has targets",
            TARGETS.format(
                same="return Y[:, ::s]", result="Y[:, (k - 1) * d :: s] if padding == 'valid' else Y[:, ::s]"
            ),
            "raise ValueError",
        ),
    ],
    "09.5": [
        ("last dilation", "fields = [512, 3070, 8]", "last dilation"),
        ("own step forgotten", "fields = [1023, 3070, 8]", "own time step"),
        ("blocks counted whole", "fields = [1024, 3072, 8]", "further block adds 1,023"),
        ("stride forgotten", "fields = [1024, 3070, 6]", "two inputs apart"),
        ("kernels multiplied", "fields = [1024, 3070, 12]", "overlap"),
        ("one layer of three", "fields = [1024, 3070]", "expected 3"),
    ],
    "09.6": [
        ("causal", "looks = (30, 0)", "causal padding"),
        ("centred", "looks = (15, 15)", "measure it"),
        ("exchanged", "looks = (16, 14)", "exchanged"),
        ("only the horizon", "looks = (14, 10)", "make 30"),
        ("all of it ahead", "looks = (0, 31)", "lie ahead"),
    ],
}
