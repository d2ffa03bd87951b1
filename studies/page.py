"""The page of replications, made from what they left: for each claim, in how many seeds it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: A claim that holds in fewer seeds of a replication is marked.
ENOUGH = 4
HEAD = """# Replication

A claim in a lesson holds in the five seeds of its study, or in four where it says *usually*. This page says whether it
also holds in five other seeds, on series that were drawn anew; real series and corpora stay the same.
`make replicate` makes it: it reruns the notebooks and tries each claim with the very function that the lesson uses.
One dot is one seed, in their order, filled where the claim holds. A claim that holds in fewer than four seeds of the
replication is marked with ⚠; its lesson has to weaken it or drop it. Seeds after which a lesson's models or claims
changed are spent: the next round takes the next five.
"""


def of(replications: Sequence[Mapping[str, Any]], spent: Mapping[str, Sequence[Sequence[int]]]) -> str:
    """The page as Markdown.

    Args:
        replications: what is kept of each lesson's present round, see ``studies.replicate``.
        spent: lesson to the rounds of seeds that it has spent.
    """
    claims = [claim for each in replications for claim in each["claims"]]
    weak = sum(_is_weak(claim) for claim in claims)
    tried = f"{_count(len(claims), 'claim')} of {_count(len(replications), 'lesson')}"
    total = f"Tried so far: {tried}; in fewer than four seeds hold: {weak}."
    return "\n".join([HEAD, total, "", *(_section(each, spent.get(each["lesson"], [])) for each in replications)])


def dots(held: Mapping[str, bool]) -> str:
    """One dot per seed in their order, filled where it holds.

    >>> dots({"5": True, "10": False, "6": True})
    '●●○'
    """
    return "".join("●" if held[seed] else "○" for seed in sorted(held, key=int))


def _section(replication: Mapping[str, Any], spent: Sequence[Sequence[int]]) -> str:
    seeds = ", ".join(seed for held in replication["claims"][:1] for seed in held["replication"])
    data_seeds = ", ".join(map(str, replication["data_seeds"]))
    machine, versions = replication["machine"], replication["versions"]
    lines = [
        f"## {replication['lesson']}",
        "",
        f"Seeds {seeds}, data seeds {data_seeds}; {replication['date']}; "
        f"{machine['system']}, {machine['processor']}, {_count(machine['cores'], 'core')}, Python {machine['python']}, "
        f"TensorFlow {versions['tensorflow']}, Keras {versions['keras']}. "
        f"Round {len(spent) + 1} of this lesson"
        + (f"; spent: {', '.join(f'{min(each)} to {max(each)}' for each in spent)}." if spent else "."),
        "",
        "| claim | study | replication |",
        "| --- | --- | --- |",
    ]
    for claim in replication["claims"]:
        mark = " ⚠" if _is_weak(claim) else ""
        sentence = claim["sentence"].replace("|", r"\|")
        lines.append(f"| {sentence} | {_cell(claim['study'])} | {_cell(claim['replication'])}{mark} |")
    return "\n".join([*lines, ""])


def _cell(held: Mapping[str, bool]) -> str:
    return f"{dots(held)} {sum(held.values())} of {len(held)}"


def _is_weak(claim: Mapping[str, Any]) -> bool:
    return sum(claim["replication"].values()) < ENOUGH


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)
