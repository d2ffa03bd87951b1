"""The finished forms of lesson 07's cell and of the layer that runs it.

Both are registered, so that a saved model loads in a fresh process that has imported this module, without
``custom_objects``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import keras
import tensorflow as tf
from keras import ops

from helpers._validate import whole


@keras.saving.register_keras_serializable(package="course")
class LNSimpleRNNCell(keras.layers.SimpleRNNCell):
    """A ``SimpleRNNCell`` that normalises the sum of input and state before the activation.

    At each time step, with the mean μ and the variance σ² of the sum *a* over its own units, one pair per sample::

        a = x W_x + h W_h + b
        h = activation(γ (a − μ) / √(σ² + ε) + β)

    The activated, normalised sum is both output and next state. Lesson 07 builds the cell by hand.

    Args:
        units: size of the state and of the output.
        activation: applied after the normalisation.
        epsilon: ε, keeps the division finite where all units agree.
        **kwargs: whatever ``keras.layers.SimpleRNNCell`` takes: initialisers, ``dropout`` (inputs) and
            ``recurrent_dropout`` (state), whose masks are drawn once per sequence, ``seed``, ``dtype``, …

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
        super().__init__(whole("units", units), activation=activation, **kwargs)
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
        if training:  # Keras draws each mask once per sequence and keeps it in the cell; None at rate 0
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
    """Runs a cell over time: the loop of ``keras.layers.RNN``, and no more.

    Lesson 07 writes the same loop in Python; here it is a loop of TensorFlow's graph, so that sequences may have any
    length. It runs on Keras' TensorFlow backend only. For masks, states to start from or to be returned, and reading
    backwards take ``keras.layers.RNN``.

    Args:
        cell: a layer with ``call(inputs, states) -> (output, new_states)``, ``state_size``, ``output_size`` and
            ``get_initial_state(batch_size)``, as Keras' cells have them.
        return_sequences: give the outputs of all time steps instead of the last.
        **kwargs: of every Keras layer, such as ``name`` and ``dtype``.

    Call arguments:
        sequences: (batch, steps, features); batch and steps may vary from call to call.
        training: handed on to the cell.

    Returns of a call:
        (batch, units), or (batch, steps, units) with ``return_sequences``.

    Raises:
        TypeError: ``cell`` is not a cell; a list of cells is refused too: stack ``MyRNN`` layers.
        ValueError: the sequences are not three-dimensional or have no step.

    >>> layer = MyRNN(keras.layers.LSTMCell(3), return_sequences=True)
    >>> tuple(layer(keras.ops.zeros((2, 50, 1))).shape)
    (2, 50, 3)
    """

    def __init__(self, cell: keras.layers.Layer, return_sequences: bool = False, **kwargs: Any) -> None:
        if not isinstance(cell, keras.layers.Layer) or not hasattr(cell, "state_size"):
            raise TypeError(
                f"MyRNN got {cell!r} as its cell; expected one layer with a state_size, such as "
                "keras.layers.SimpleRNNCell(20). To stack cells, stack MyRNN layers."
            )
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences

    def build(self, sequences_shape: Sequence[int | None]) -> None:
        if len(sequences_shape) != 3 or sequences_shape[1] == 0:
            raise ValueError(
                f"MyRNN got sequences of shape {tuple(sequences_shape)}; expected (batch, steps, features) with at "
                "least one step. A series of plain numbers needs a feature axis: X[..., np.newaxis]."
            )
        if not self.cell.built:
            self.cell.build((sequences_shape[0], sequences_shape[2]))
            self.cell.built = True

    def call(self, sequences: Any, training: bool = False) -> Any:
        states = list(self.cell.get_initial_state(batch_size=ops.shape(sequences)[0]))
        masks = hasattr(self.cell, "get_dropout_mask")
        if masks:  # a cell that drops draws its masks here, outside the loop: one per sequence
            self.cell.get_dropout_mask(ops.cast(sequences[:, 0], self.cell.compute_dtype))
            self.cell.get_recurrent_dropout_mask(states[0])
        outputs = self._run(sequences, states)  # Keras hands `training` on to the cell
        if masks:
            self.cell.reset_dropout_mask()
            self.cell.reset_recurrent_dropout_mask()
        return outputs if self.return_sequences else outputs[:, -1]

    def _run(self, sequences: Any, states: list[Any]) -> Any:
        """The recurrence as one loop in the graph: outputs of all steps."""
        n_steps, size = ops.shape(sequences)[1], self.cell.output_size
        by_time = ops.transpose(sequences, (1, 0, 2))
        inputs = tf.TensorArray(by_time.dtype, size=n_steps).unstack(by_time)
        outputs = tf.TensorArray(self.cell.compute_dtype, size=n_steps, element_shape=(None, size))

        def body(t: Any, outputs: Any, states: list[Any]) -> tuple:
            output, new_states = self.cell(inputs.read(t), states)
            return t + 1, outputs.write(t, output), list(new_states)

        _, outputs, _ = tf.while_loop(lambda t, *_: t < n_steps, body, (0, outputs, states), maximum_iterations=n_steps)
        return tf.ensure_shape(ops.transpose(outputs.stack(), (1, 0, 2)), (*sequences.shape[:2], size))

    def compute_output_shape(self, sequences_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        batch, steps = sequences_shape[:2]
        return (batch, steps, self.cell.output_size) if self.return_sequences else (batch, self.cell.output_size)

    def get_config(self) -> dict[str, Any]:
        cell = keras.saving.serialize_keras_object(self.cell)
        return super().get_config() | {"cell": cell, "return_sequences": self.return_sequences}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config | {"cell": keras.saving.deserialize_keras_object(config["cell"])})


def _dropped(values: Any, mask: Any) -> Any:
    """``values`` times a dropout mask, if there is one."""
    return values if mask is None else values * mask
