"""What people type, paste and find in files; the labs' self-test gives it to every field in which one can write."""

TYPED = (
    "",
    "국민이여 법률대로",
    "가" * 10_000,
    "👩‍👩‍👧 😀 \ud83d",
    "한국 漢字 Ελλάδα हिन्दी \u202eעברית \u0645\u0631",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "<script>alert('x')</script> <b>&amp; $x^2$ \\frac{",
    "a\nb\r\tc\0d\u2581e",
)
