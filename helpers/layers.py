"""Finished cells and layers: each is built up in a lesson and used again, whole, in later ones.

All of them are registered, so that a saved model loads in a fresh process that has imported this module, without
``custom_objects``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Self

import keras
import tensorflow as tf
from keras import ops, tree

from helpers import inputs as check

# --- lesson 07: a cell of your own, and the layer that runs it ------------------------------------------------------


@keras.saving.register_keras_serializable(package="course")
class LNSimpleRNNCell(keras.layers.SimpleRNNCell):
    """A ``SimpleRNNCell`` that normalises the sum of input and state before the activation.

    At each time step, with the mean μ and the variance σ² of the sum *a* over its own units, one pair a sample::

        a = x W_x + h W_h + b
        h = activation(γ (a − μ) / √(σ² + ε) + β)

    The activated, normalised sum is both output and next state. Lesson 07 builds the cell by hand.

    Args:
        units: size of the state and of the output.
        activation: applied after the normalisation.
        epsilon: ε, keeps the division finite where all units agree.
        **kwargs: whatever ``keras.layers.SimpleRNNCell`` takes: initialisers, ``dropout`` (inputs) and
            ``recurrent_dropout`` (state), whose masks are drawn once a sequence, ``seed``, ``dtype``, …

    Call arguments:
        inputs: one time step, (batch, features).
        states: a list of one tensor, (batch, units).
        training: whether dropout is on.

    Returns of a call:
        output (batch, units) and the list of new states, which is ``[output]``.

    Raises:
        TypeError: ``units`` is not a whole number.
        ValueError: ``units`` or ``epsilon`` is not positive, or the cell is built on something else than one step.

    Reference:
        J. L. Ba, J. R. Kiros and G. E. Hinton, *Layer normalization*, 2016, arXiv 1607.06450, section 3.1.

    >>> layer = keras.layers.RNN(LNSimpleRNNCell(20), return_sequences=True)
    >>> tuple(layer(keras.ops.zeros((2, 50, 1))).shape), layer.count_params()
    ((2, 50, 20), 480)
    """

    def __init__(
        self, units: int, activation: str | Callable | None = "tanh", *, epsilon: float = 1e-3, **kwargs: Any
    ) -> None:
        if not epsilon > 0:
            raise ValueError(f"epsilon is {epsilon}; expected a small positive number such as 1e-3.")
        super().__init__(check.positive("units", units), activation=activation, **kwargs)
        self.epsilon = float(epsilon)
        self.layer_norm = keras.layers.LayerNormalization(
            epsilon=self.epsilon, dtype=self.dtype_policy, name="layer_norm"
        )

    def build(self, input_shape: Sequence[int | None]) -> None:
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                f"LNSimpleRNNCell got inputs of shape {tuple(input_shape)}; expected one time step, (batch, features), "
                "with a fixed number of features. For whole sequences wrap it: keras.layers.RNN(LNSimpleRNNCell(20))."
            )
        super().build(input_shape)
        self.layer_norm.build((None, self.units))

    def call(self, inputs: Any, states: Sequence[Any], training: bool = False) -> tuple[Any, list[Any]]:
        state = states[0]
        if training:  # Keras draws each mask once a sequence and keeps it in the cell; None at rate 0
            inputs = _dropped(inputs, self.get_dropout_mask(inputs))
            state = _dropped(state, self.get_recurrent_dropout_mask(state))
        total = ops.matmul(inputs, self.kernel) + ops.matmul(state, self.recurrent_kernel)
        if self.bias is not None:
            total = total + self.bias
        output = self.activation(self.layer_norm(total))
        return output, [output]

    def get_initial_state(self, batch_size: int | Any = None) -> list[Any]:
        """A zero state, ``[(batch_size, units)]``, as ``keras.layers.RNN`` asks for it."""
        if batch_size is None:
            raise ValueError("get_initial_state got no batch_size; expected the number of sequences, such as 70.")
        return super().get_initial_state(batch_size)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"epsilon": self.epsilon}


@keras.saving.register_keras_serializable(package="course")
class MyRNN(keras.layers.Layer):
    """Runs a cell over time: what ``keras.layers.RNN`` does, without its ``stateful`` and ``unroll``.

    Its loop is TensorFlow's: it runs on Keras' TensorFlow backend only. ``keras.layers.Bidirectional`` takes it.

    Args:
        cell: a layer with ``call(inputs, states) -> (output, new_states)`` and ``state_size``; if it has no
            ``get_initial_state(batch_size)`` it starts from zeros, if it has no ``output_size`` from its first
            state's size.
        return_sequences: give the outputs of all time steps instead of the last.
        return_state: give the last states after the output.
        go_backwards: read from the last step to the first; outputs then come in the order read.
        zero_output_for_mask: the output of a masked step is zero instead of that of the step before.

    Call arguments:
        sequences: (batch, steps, features); batch and steps may vary from call to call.
        initial_state: a tensor (batch, size), or a list of as many as the cell has states; zeros by default.
        mask: (batch, steps), False where a step is to be skipped: the state then stays as it was.
        training: handed on to the cell.

    Returns of a call:
        (batch, units), or (batch, steps, units) with ``return_sequences``; with ``return_state`` a tuple of that
        and the last states.

    Raises:
        TypeError: ``cell`` is not a cell; a list of cells is refused too: stack ``MyRNN`` layers.
        ValueError: the sequences are not three-dimensional or have no step, or the initial states are not as many, or
            not of the shapes, that the cell has.

    >>> layer = MyRNN(keras.layers.LSTMCell(3), return_state=True)
    >>> [tuple(part.shape) for part in layer(keras.ops.zeros((2, 50, 1)))]
    [(2, 3), (2, 3), (2, 3)]
    """

    stateful, states = False, None  # keras.layers.Bidirectional asks for both

    def __init__(
        self,
        cell: keras.layers.Layer,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if not isinstance(cell, keras.layers.Layer) or not hasattr(cell, "state_size"):
            raise TypeError(
                f"MyRNN got {cell!r} as its cell; expected one layer with a state_size, such as "
                "keras.layers.SimpleRNNCell(20). To stack cells, stack MyRNN layers."
            )
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self._state_sizes = _sizes(cell.state_size)

    def build(self, sequences_shape: Sequence[int | None], initial_state_shape: Any = None) -> None:
        if len(sequences_shape) != 3 or sequences_shape[1] == 0:
            raise ValueError(
                f"MyRNN got sequences of shape {tuple(sequences_shape)}; expected (batch, steps, features) with at "
                "least one step. A series of plain numbers needs a feature axis: X[..., np.newaxis]."
            )
        if not self.cell.built:
            self.cell.build((sequences_shape[0], sequences_shape[2]))
            self.cell.built = True

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        states = self._first_states(sequences, initial_state)
        masks = hasattr(self.cell, "get_dropout_mask")
        if masks:  # a cell that drops draws its masks here, outside the loop: one a sequence
            self.cell.get_dropout_mask(ops.cast(sequences[:, 0], self.cell.compute_dtype))
            self.cell.get_recurrent_dropout_mask(states[0])
        outputs, output, states = self._run(sequences, states, mask)  # Keras hands `training` on to the cell
        if masks:
            self.cell.reset_dropout_mask()
            self.cell.reset_recurrent_dropout_mask()
        result = ops.cast(outputs if self.return_sequences else output, self.compute_dtype)
        return (result, *(ops.cast(state, self.compute_dtype) for state in states)) if self.return_state else result

    def _run(self, sequences: Any, states: list[Any], mask: Any) -> tuple[Any, Any, list[Any]]:
        """The recurrence as one loop in the graph: outputs of all steps, the last output and the last states."""
        n_steps = ops.shape(sequences)[1]
        inputs, seen = _by_time(sequences), None if mask is None else _by_time(ops.cast(mask, "bool")[..., None])
        nothing = ops.zeros((ops.shape(sequences)[0], self._output_size()), self.cell.compute_dtype)
        outputs = tf.TensorArray(nothing.dtype, size=n_steps, element_shape=(None, self._output_size()))

        def body(t: Any, outputs: Any, last: Any, states: list[Any]) -> tuple:
            now = n_steps - 1 - t if self.go_backwards else t
            output, new_states = self.cell(inputs.read(now), states)
            new_states = _listed(new_states)
            if seen is not None:
                keep = seen.read(now)
                output = tf.where(keep, output, nothing if self.zero_output_for_mask else last)
                new_states = [tf.where(keep, new, old) for new, old in zip(new_states, states, strict=True)]
            return t + 1, outputs.write(t, output), output, new_states

        _, outputs, last, states = tf.while_loop(
            lambda t, *_: t < n_steps, body, (0, outputs, nothing, states), maximum_iterations=n_steps
        )
        every = ops.transpose(outputs.stack(), (1, 0, 2))
        return tf.ensure_shape(every, (*sequences.shape[:2], self._output_size())), last, states

    def get_initial_state(self, batch_size: int | Any) -> list[Any]:
        """The cell's first states for so many sequences, as a list; zeros where the cell does not say."""
        if hasattr(self.cell, "get_initial_state"):
            return _listed(self.cell.get_initial_state(batch_size=batch_size))
        return [ops.zeros((batch_size, size), self.cell.compute_dtype) for size in self._state_sizes]

    def _first_states(self, sequences: Any, initial_state: Any) -> list[Any]:
        given = initial_state is not None
        states = _listed(initial_state) if given else self.get_initial_state(ops.shape(sequences)[0])
        cell, sizes = type(self.cell).__name__, list(self._state_sizes)
        if len(states) != len(sizes):
            raise ValueError(f"MyRNN got {len(states)} initial states; {cell} has {len(sizes)}, of sizes {sizes}.")
        states = [ops.cast(state, self.cell.compute_dtype) for state in states]
        for state, size in zip(states, sizes, strict=True):
            if not tf.TensorShape(state.shape).is_compatible_with((sequences.shape[0], size)):
                raise ValueError(
                    f"MyRNN got an initial state of shape {tuple(state.shape)}; {cell} wants (batch, {size}), here "
                    f"{(sequences.shape[0], size)}."
                )
        return states

    def _output_size(self) -> int:
        return getattr(self.cell, "output_size", None) or self._state_sizes[0]

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        mask = tree.flatten(mask)[0]
        result = mask if self.return_sequences else None
        return [result, *(None for _ in self._state_sizes)] if self.return_state else result

    def compute_output_shape(self, sequences_shape: Sequence[int | None], initial_state_shape: Any = None) -> Any:
        batch, steps = sequences_shape[:2]
        result = (batch, steps, self._output_size()) if self.return_sequences else (batch, self._output_size())
        return (result, *((batch, size) for size in self._state_sizes)) if self.return_state else result

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "cell": keras.saving.serialize_keras_object(self.cell),
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "zero_output_for_mask": self.zero_output_for_mask,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config | {"cell": keras.saving.deserialize_keras_object(config["cell"])})


def _sizes(state_size: Any) -> list[int]:
    """The sizes of a cell's states, whether it names one or several."""
    return [operator.index(size) for size in (state_size if isinstance(state_size, (list, tuple)) else [state_size])]


def _dropped(values: Any, mask: Any) -> Any:
    """``values`` times a dropout mask, if there is one."""
    return values if mask is None else values * mask


def _by_time(sequences: Any) -> tf.TensorArray:
    """(batch, steps, features) as an array to read step by step."""
    by_time = ops.transpose(sequences, (1, 0, 2))
    return tf.TensorArray(by_time.dtype, size=ops.shape(by_time)[0]).unstack(by_time)


def _listed(states: Any) -> list[Any]:
    """A list of states, whether the cell gave one tensor or several."""
    return list(states) if isinstance(states, (list, tuple)) else [states]


# --- lesson 09: the block of WaveNet --------------------------------------------------------------------------------


@keras.saving.register_keras_serializable(package="course")
class GatedResidualBlock(keras.layers.Layer):
    """One block of WaveNet: a gated, dilated, causal convolution with a residual and a skip connection (lesson 09).

    One causal convolution of twice the filters reads the inputs. The tanh of its first half is what could be passed on,
    the sigmoid of the second says how much of it is: ``z = tanh(first) * sigmoid(second)``. A dense layer mixes z. The
    mixture added to the inputs is the first output, for the next block; the mixture alone is the second, for the head.

    A masked time step counts as zeros, as padding does, so a sequence padded in front and masked gives what it gives
    without padding.

    Args:
        filters: features of the inputs and of both outputs.
        kernel_size: taps of the causal convolution.
        dilation_rate: time steps from one tap to the next.
        **kwargs: of every Keras layer, such as ``name`` and ``dtype``.

    Shapes:
        inputs (batch, steps, filters), any batch and length; two outputs of the same shape.

    Raises:
        TypeError: a size is no whole number.
        ValueError: a size is below 1; or, when built, the inputs have another rank or number of features.

    Reference:
        A. van den Oord and others, WaveNet: a generative model for raw audio, arXiv 1609.03499 (2016), section 2.3.

    >>> block = GatedResidualBlock(4, dilation_rate=2)
    >>> [tuple(output.shape) for output in block(keras.ops.ones((2, 10, 4)))]
    [(2, 10, 4), (2, 10, 4)]
    """

    def __init__(self, filters: int, kernel_size: int = 2, dilation_rate: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = check.positive("filters", filters)
        self.kernel_size = check.positive("kernel_size", kernel_size)
        self.dilation_rate = check.positive("dilation_rate", dilation_rate)
        self.supports_masking = True
        dilated = {"padding": "causal", "dilation_rate": self.dilation_rate, "data_format": "channels_last"}
        dilated["dtype"] = self.dtype_policy
        self.dilated = keras.layers.Conv1D(2 * self.filters, self.kernel_size, name="dilated", **dilated)
        self.mix = keras.layers.Dense(self.filters, name="mix", dtype=self.dtype_policy)  # a convolution of kernel 1

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if len(input_shape) != 3:
            raise ValueError(
                f"GatedResidualBlock got inputs of shape {tuple(input_shape)}; expected (batch, steps, features). "
                "Is return_sequences=True missing in the layer before?"
            )
        if input_shape[-1] != self.filters:
            raise ValueError(
                f"GatedResidualBlock({self.filters}) got inputs of {input_shape[-1]} features, which cannot be added "
                f"to its {self.filters} filters; put Conv1D({self.filters}, 1) before the first block."
            )
        for layer in (self.dilated, self.mix):
            layer.build(input_shape)

    def call(self, inputs: Any, mask: Any = None) -> tuple[Any, Any]:
        if mask is not None:
            inputs = inputs * ops.expand_dims(ops.cast(mask, inputs.dtype), -1)
        content, gate = ops.split(self.dilated(inputs), 2, axis=-1)
        mixed = self.mix(ops.tanh(content) * ops.sigmoid(gate))
        return inputs + mixed, mixed

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> tuple[Any, Any]:
        return previous_mask, previous_mask

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[tuple[int | None, ...], ...]:
        return tuple(input_shape), tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        sizes = {"filters": self.filters, "kernel_size": self.kernel_size, "dilation_rate": self.dilation_rate}
        return super().get_config() | sizes
