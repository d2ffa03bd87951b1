"""What the course adds to Keras' ``fit``, ``evaluate`` and ``predict``; no digit of what a model learns changes.

Imported by ``helpers.training``. Ids and labels are looked at before a compiled model sees them, see ``check_ids``; and
a pause of TensorFlow's at the end of an epoch is taken out, see ``_end_epochs_at_once``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

try:
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter as ArrayDataAdapter
except ImportError:  # a later Keras may keep it elsewhere, or its method; its models train as well, with the pauses
    ArrayDataAdapter = None

#: Marks the methods of ``keras.Model`` that `_check_before` has changed, so that a second import changes nothing.
LOOKS_AT_IDS = "looks_at_ids"


def check_ids(model: keras.Model, X: Any, y: Any = None) -> None:
    """Refuse ids for which an ``Embedding`` has no row, and class labels that the model has no output for.

    Compiled by XLA, TensorFlow does not notice them: an id that is too large is read as the last one, a label turns the
    loss into NaN. ``fit``, ``evaluate`` and ``predict`` of compiled models ask here by themselves.

    Args:
        model: a Keras model; an ``Embedding`` is looked at where it reads an input of the model directly.
        X: the inputs, as for ``fit``; what is no array, such as a dataset, cannot be looked through and passes.
        y: the labels of a model with one output and a sparse categorical loss.

    Raises:
        ValueError: an id or a label is out of range; the message names the first.

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Embedding(10, 4, name="words")])
    >>> check_ids(model, np.array([[3, 9], [3, 10]]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: X holds the id 10 at [1, 1]; layer 'words' has rows 0 to 9. Raise its input_dim to 11, ...
    """
    for layer, ids in _read_by_embeddings(model, X):
        place = _outside(ids, layer.input_dim)
        if place:
            raise ValueError(
                f"X holds the id {ids[place]:g} at {list(place)}; layer {layer.name!r} has rows 0 to "
                f"{layer.input_dim - 1}. Raise its input_dim to {int(ids.max()) + 1}, or give ids that it does not "
                "know one number that it has."
            )
    labels = _array(y)
    n_classes = _n_classes(model)
    if labels is None or n_classes is None:
        return
    place = _outside(labels, n_classes, ignored=getattr(model.loss, "ignore_class", None))
    if place:
        raise ValueError(
            f"y holds the label {labels[place]:g} at {list(place)}; the model has {n_classes} classes, 0 to "
            f"{n_classes - 1}, and the loss would be nan. Number the classes from 0, or give the last layer as many "
            "units as there are classes."
        )


def prepare(model: keras.Model) -> None:
    """Let the optimizer make its variables now, so that the training step is traced once and not twice.

    ``tf.function`` traces a function again when variables were made during the first tracing, and an optimizer makes
    its own in its first step. That second tracing takes half a second and more with a recurrent model. Call it before
    ``fit``; ``Progress`` and the labs' own callbacks do. A model that is not built yet is left as it is.

    Args:
        model: a compiled Keras model.
    """
    optimizer = getattr(model, "optimizer", None)
    if model.built and optimizer is not None and not optimizer.built:
        optimizer.build(model.trainable_variables)


def _read_by_embeddings(model: keras.Model, X: Any) -> Iterator[tuple[keras.layers.Embedding, np.ndarray]]:
    """Each ``Embedding`` that reads an input of the model, with the array that it will read."""
    inputs = getattr(model, "inputs", None) or []
    if isinstance(X, dict):
        arrays = [_array(X.get(tensor.name)) for tensor in inputs]
    else:
        arrays = [_array(part) for part in (X if isinstance(X, (list, tuple)) and len(inputs) > 1 else [X])]
    for tensor, array in zip(inputs, arrays, strict=False):  # Keras itself refuses another number of inputs
        if array is None:
            continue
        for layer in model.layers:
            reads = [read for node in layer._inbound_nodes for read in node.input_tensors]
            if isinstance(layer, keras.layers.Embedding) and any(read is tensor for read in reads):
                yield layer, array


def _array(values: Any) -> np.ndarray | None:
    """``values`` as an array of numbers; None where they are none, or cannot be looked at without being used up."""
    if not isinstance(values, (list, tuple)) and not hasattr(values, "__array__"):
        return None
    array = np.asarray(values)
    return array if array.dtype.kind in "iuf" and array.size else None


def _outside(numbers: np.ndarray, n: int, ignored: int | None = None) -> tuple[int, ...]:
    """Where the first number stands that is below 0 or not below ``n``; empty when there is none."""
    bad = (numbers < 0) | (numbers >= n)
    if ignored is not None:
        bad &= numbers != ignored
    return tuple(int(part) for part in np.argwhere(bad)[0]) if bad.any() else ()


def _n_classes(model: keras.Model) -> int | None:
    """How many classes a model tells apart; None where its labels are no class numbers."""
    loss = getattr(model, "loss", None)
    loss = keras.losses.get(loss) if isinstance(loss, str) else loss
    sparse = isinstance(loss, keras.losses.SparseCategoricalCrossentropy)
    if not sparse and loss is not keras.losses.sparse_categorical_crossentropy:
        return None
    shape = getattr(model, "output_shape", None)  # a class of the reader's own may not know it
    return shape[-1] if shape and not isinstance(shape[0], (list, tuple)) else None


def _check_before(method: Callable) -> Callable:
    """A method of ``keras.Model`` that looks at ids and labels first, where XLA would not notice them."""
    signature = inspect.signature(method)

    @functools.wraps(method)
    def checked(model: keras.Model, *arguments: Any, **named: Any) -> Any:
        if getattr(model, "jit_compile", False):
            given = signature.bind_partial(model, *arguments, **named).arguments
            check_ids(model, given.get("x"), given.get("y"))
            if isinstance(given.get("validation_data"), (list, tuple)):
                check_ids(model, *given["validation_data"][:2])
        return method(model, *arguments, **named)

    setattr(checked, LOOKS_AT_IDS, True)
    return checked


def _end_epochs_at_once() -> None:
    """Let ``fit``, ``evaluate`` and ``predict`` read arrays without autotuning, which changes no batch.

    For every epoch TensorFlow runs a thread that tunes how the data are read, at intervals that double up to 60 s. At
    the end of the epoch that thread may be woken before its cancelled flag is set (``CancellationManager`` calls back
    first, ``Model::OptimizeLoop`` in ``core/framework/model.cc``) and then sleeps for a whole interval while ``fit``
    waits: up to half of an epoch's time, or all of it, with both cores idle.
    Arrays in memory have nothing to tune.
    """
    make = getattr(ArrayDataAdapter, "get_tf_dataset", None)
    if make is None or hasattr(make, "__wrapped__"):
        return

    @functools.wraps(make)
    def get_tf_dataset(*arguments, **named):
        import tensorflow as tf  # only where fit has imported it: not on another backend

        options = tf.data.Options()
        options.autotune.enabled = False
        return make(*arguments, **named).with_options(options)

    ArrayDataAdapter.get_tf_dataset = get_tf_dataset


for _name in ("fit", "evaluate", "predict"):
    if not hasattr(getattr(keras.Model, _name), LOOKS_AT_IDS):
        setattr(keras.Model, _name, _check_before(getattr(keras.Model, _name)))
_end_epochs_at_once()
