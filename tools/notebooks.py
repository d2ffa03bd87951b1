"""Execute the notebooks and put them in their committed form: ``python -m tools.notebooks [--check] [03 05 ...]``.

A notebook is run from its first cell in a fresh kernel, from its own folder, and then normalised: what a page needs
(outputs, counts, captions) stays, what differs from run to run or from editor to editor goes. ``--check`` runs nothing
and says which notebooks the normaliser would change.
"""

from __future__ import annotations

import argparse
import base64
import copy
import difflib
import itertools
import json
import os
import re
import struct
import sys
import time
from pathlib import Path

import nbformat

from tools import minutes
from tools.machine import clean_environment

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 600  # seconds for one cell
QUIET_KERNEL = ["--IPKernelApp.log_level=40"]  # else ipykernel 7 warns of TCP at every start, on this machine alone

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = {"tags", "slideshow", "mystnb", "cellView"}
#: How each front end is asked to fold a cell that a reader need not see: JupyterLab and Notebook 7, then Colab.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
WIDGET_TYPES = {"application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"}

_ANSI = re.compile(r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_RUBBED_OUT = re.compile(r"[^\x08]\x08|^\x08+")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_FOLDERS = re.compile(r"(?<![\w.:/])(?:~|[A-Za-z]:)?(?:[/\\][\w.+@-]+(?: \([\w .]+\))?)*[/\\](?=[\w.+-]+\.\w+)")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_NOISE = {b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_EMBEDDED = re.compile(r"(?<=src=\"data:image/png;base64,)[A-Za-z0-9+/=]+")


def find(lessons: list[str] | None = None, root: Path = ROOT) -> list[Path]:
    """Return the notebooks, or those whose names begin with one of ``lessons``.

    Raises:
        ValueError: where no notebook begins with one of the given numbers.
    """
    paths = sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not lessons:
        return paths
    unknown = [lesson for lesson in lessons if not any(path.name.startswith(lesson) for path in paths)]
    if unknown:
        raise ValueError(f"no notebook begins with {', '.join(unknown)}; there are {', '.join(p.stem for p in paths)}")
    return [path for path in paths if path.name.startswith(tuple(lessons))]


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook of format 4."""
    return nbformat.read(path, as_version=4)


def dump(nb: nbformat.NotebookNode) -> str:
    """Return the notebook as the text of its file: sorted keys, one space of indent, a newline at the end."""
    nb = nbformat.v4.rwbase.split_lines(nbformat.v4.rwbase.strip_transient(copy.deepcopy(nb)))
    return json.dumps(nb, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: a run that is killed leaves the old file or the new one, never half of one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def execute(path: Path, *, timeout: int = TIMEOUT) -> nbformat.NotebookNode:
    """Run a notebook in a fresh kernel, from its own folder, and return it with its outputs.

    The variables of tests and studies are kept from the kernel: what is committed is what a reader gets.
    """
    from nbclient import NotebookClient

    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    nb = read(path)
    client = NotebookClient(
        nb,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=QUIET_KERNEL,
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env=clean_environment())
    except AssertionError:  # nbclient's own, when a signal to stop has taken its kernel; a cell's is no AssertionError
        raise KeyboardInterrupt from None
    return nb


def normalise(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy of the notebook in its committed form; a second call changes nothing more."""
    nb = copy.deepcopy(nb)
    nb.nbformat, nb.nbformat_minor = 4, 5
    nb.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    taken = {cell["id"] for cell in nb.cells if cell.get("id")}
    for position, cell in enumerate(nb.cells):
        if not cell.get("id"):
            numbers = itertools.count(position)
            cell["id"] = next(name for n in numbers if (name := f"cell-{n:03d}") not in taken)
            taken.add(cell["id"])
        cell.metadata = nbformat.from_dict(_metadata(cell))
        if cell.cell_type == "code":
            cell.outputs = _outputs(cell)
    minutes.write_opening(nb)
    return nb


def _metadata(cell: nbformat.NotebookNode) -> dict:
    """What stays of a cell's metadata; a cell tagged ``machinery`` is folded, whoever forgot to."""
    kept = {key: value for key, value in cell.metadata.items() if key in CELL_METADATA and value}
    if cell.metadata.get("jupyter", {}).get("source_hidden"):
        kept["jupyter"] = {"source_hidden": True}
    return kept | (FOLDED if "machinery" in cell.metadata.get("tags", []) else {})


def _outputs(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Clean a cell's outputs and merge neighbouring streams: what was printed first, then what was warned."""
    cleaned = []
    for is_stream, group in itertools.groupby(cell.outputs, lambda output: output.output_type == "stream"):
        if is_stream:
            texts: dict[str, str] = {}
            for output in group:
                texts[output.name] = texts.get(output.name, "") + output.text
            for name in sorted(texts, reverse=True):  # stdout before stderr
                if text := plain(texts[name]):
                    cleaned.append(nbformat.v4.new_output("stream", name=name, text=text))
        else:
            cleaned += [kept for output in group if (kept := _output(output, cell.execution_count))]
    return cleaned if len(cleaned) == len(cell.outputs) or cleaned == cell.outputs else _merge_again(cell, cleaned)


def _merge_again(cell: nbformat.NotebookNode, outputs: list) -> list:
    """Outputs that vanished may have stood between two streams."""
    cell.outputs = outputs
    return _outputs(cell)


def _output(output: nbformat.NotebookNode, count: int | None) -> nbformat.NotebookNode | None:
    if output.output_type == "error":
        message = _FOLDERS.sub("", _ADDRESS.sub("", plain(output.evalue)))
        return nbformat.v4.new_output(
            "error", ename=output.ename, evalue=message, traceback=[f"{output.ename}: {message}"]
        )
    data = {mime: _data(mime, value) for mime, value in output.data.items() if mime not in WIDGET_TYPES}
    if not data:
        return None
    metadata = {key: value for key, value in output.metadata.items() if key in data or key == "mystnb"}
    kept = nbformat.v4.new_output(output.output_type, data=nbformat.from_dict(data))
    kept.metadata = nbformat.from_dict(metadata)
    if output.output_type == "execute_result":
        kept.execution_count = count
    return kept


def _data(mime: str, value):
    if mime == "image/png":
        return _png("".join(value))
    if mime == "text/html":
        return _EMBEDDED.sub(lambda picture: _png(picture[0]), plain("".join(value)))
    if mime.startswith("text/") and isinstance(value, str):
        return plain(value)
    return value


def plain(text: str) -> str:
    """Return what a terminal would show of ``text`` in the end: no colours, the last state of each rewritten line.

    >>> plain("epoch 1\\repoch 2\\n\\x1b[31mred\\x1b[0m")
    'epoch 2\\nred'
    """
    text = _ANSI.sub("", text).replace("\r\n", "\n")
    lines = []
    for line in text.split("\n"):
        states = [state for state in line.split("\r") if state]
        line = states[-1] if states else ""
        while "\b" in line:
            line = _RUBBED_OUT.sub("", line)
        lines.append(_CONTROL.sub("", line))
    return "\n".join(lines)


def _png(encoded: str) -> str:
    """Drop the text blocks of a PNG, which name the version of the library that wrote it."""
    raw = base64.b64decode(encoded)
    if not raw.startswith(_PNG_SIGNATURE):
        return encoded
    kept, at = [_PNG_SIGNATURE], len(_PNG_SIGNATURE)
    while at + 8 <= len(raw):
        length, kind = struct.unpack(">I4s", raw[at : at + 8])
        if kind not in _PNG_NOISE:
            kept.append(raw[at : at + 12 + length])
        at += 12 + length
    return base64.b64encode(b"".join(kept)).decode("ascii")


def difference(path: Path) -> list[str]:
    """Return the lines of a diff between the file and its normal form; none where it has that form."""
    stored = path.read_text(encoding="utf-8")
    wanted = dump(normalise(read(path)))
    return list(difflib.unified_diff(stored.splitlines(), wanted.splitlines(), "stored", "normal", n=0, lineterm=""))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="NN", help="numbers of lessons, such as 03; all without it")
    parser.add_argument("--check", action="store_true", help="run nothing; say what the normaliser would change")
    options = parser.parse_args(arguments)
    try:
        paths = find(options.lessons)
    except ValueError as error:
        parser.error(str(error))
    try:
        return _check(paths) if options.check else _run(paths)
    except KeyboardInterrupt:
        print("Stopped. The notebook that ran, and those after it, are left as they were.", file=sys.stderr)
        return 130


def _check(paths: list[Path]) -> int:
    changed = {path.name: lines for path in paths if (lines := difference(path))}
    for name, lines in changed.items():
        print(f"{name} is not in its normal form; run `make notebooks LESSON={name[:2]}`:")
        print("\n".join(f"  {line[:160]}" for line in lines[2:12]))
    print(f"{len(paths) - len(changed)} of {len(paths)} notebooks are in their normal form")
    return 1 if changed else 0


def _run(paths: list[Path]) -> int:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    failed = 0
    for path in paths:
        began = time.perf_counter()
        try:
            text = dump(normalise(execute(path)))
            write_text(path, text)
        except (CellExecutionError, CellTimeoutError, DeadKernelError, OSError) as error:
            failed += 1
            print(f"{path.name} failed and is left as it was:\n{plain(str(error))}", file=sys.stderr)
            continue
        size = len(text.encode()) / 1024
        print(f"{path.name}: {time.perf_counter() - began:.1f} s, {size:.0f} kB", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
