"""helpers.plots: figures are shown with alt text and caption, and every figure function draws or says what is wrong."""

from __future__ import annotations

import base64
import re
from io import BytesIO

import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from IPython.display import Markdown
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from nbconvert import HTMLExporter
from PIL import Image

from helpers import plots
from helpers.plots import models, png, shapes
from helpers.plots import scores as score_plots
from helpers.plots import series as series_plots
from helpers.plots import states as state_plots
from helpers.plots.models import look, looks
from tests.support.warned import nothing_warned


@pytest.fixture
def shown(monkeypatch):
    """What was handed to the page, as (arguments, keywords)."""
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda *arguments, **keywords: calls.append((arguments, keywords)))
    return calls


def figure():
    ax = plots.new_figure().subplots()
    ax.plot([0, 1], [0, 1])
    return ax.figure


def drawn(fig: Figure) -> np.ndarray:
    """The figure's pixels, drawn without a warning."""
    assert isinstance(fig, Figure)
    with nothing_warned():
        return np.asarray(Image.open(BytesIO(plots.to_png(fig))).convert("RGB"))


def legend(fig: Figure) -> list[str]:
    return [text.get_text() for text in fig.axes[0].get_legend().get_texts()]


# --- show -----------------------------------------------------------------------------------------------------------


def stored_png(page: str) -> bytes:
    return base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', page)[1])


def test_a_figure_is_shown_with_its_alt_text_and_its_caption(shown):
    plots.show(figure(), alt="A line that rises.", caption="Look at the end.")
    (((image,), keywords), ((caption,), _)) = shown
    assert set(image) == {"text/html", "text/plain"}  # one copy of the picture, in the form that front ends read
    assert image["text/html"].startswith('<img alt="A line that rises." width="800" ')
    assert image["text/plain"] == "Figure: A line that rises."
    assert keywords == {"raw": True}
    assert isinstance(caption, Markdown)
    assert caption.data == "*Look at the end.*"


def test_a_figure_has_twice_the_pixels_of_its_size_on_the_page(shown):
    plots.show(plots.new_figure(width=6, height=2), alt="Nothing.", caption="Nothing.")
    page = shown[0][0][0]["text/html"]
    assert 'width="600"' in page
    assert Image.open(BytesIO(stored_png(page))).size == (1200, 400)


def test_an_alt_text_may_hold_quotes_and_signs(shown):
    plots.show(figure(), alt='Where "x" < 1 & y > 2.', caption="A line.")
    assert '<img alt="Where &quot;x&quot; &lt; 1 &amp; y &gt; 2." width' in shown[0][0][0]["text/html"]


def test_a_page_made_by_nbconvert_has_the_alt_text_and_misses_none(shown, caplog):
    plots.show(figure(), alt="A line that rises.", caption="Look at the end.")
    output = nbformat.v4.new_output("display_data", data=shown[0][0][0])
    cell = nbformat.v4.new_code_cell("plots.show(…)", outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    (image,) = BeautifulSoup(page, "html.parser").find_all("img")
    assert (image["alt"], image["width"]) == ("A line that rises.", "800")
    assert image["src"].startswith("data:image/png;base64,")
    assert "No description has been provided" not in page
    assert "Alternative text is missing" not in caplog.text


def test_the_same_page_of_a_picture_without_alt_text_is_warned_of(caplog):
    """The test above can fail."""
    output = nbformat.v4.new_output(
        "display_data", data={"image/png": base64.b64encode(plots.to_png(figure())).decode()}
    )
    cell = nbformat.v4.new_code_cell("plots.show(…)", outputs=[output])
    HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "Alternative text is missing" in caplog.text


# --- bytes ----------------------------------------------------------------------------------------------------------


def test_a_smaller_png_looks_the_same_and_its_ground_stays_white():
    fig = score_plots.ladder(LADDER, lines={"noise floor": 0.0008}, unit="MSE")
    buffer = BytesIO()
    fig.savefig(buffer, format="png", dpi=200)
    before, after = (
        np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(int)
        for data in (buffer.getvalue(), png.smaller(buffer.getvalue()))
    )
    assert len(png.smaller(buffer.getvalue())) < 0.7 * len(buffer.getvalue())
    assert 0 < np.abs(before - after).max() <= png.INVISIBLE
    assert (after[0, 0] == 255).all()
    assert ((after == 255).all(axis=2) == (before == 255).all(axis=2)).mean() > 0.99


def test_a_picture_with_too_many_colours_keeps_them_all():
    noise = np.random.RandomState(0).randint(0, 256, (60, 60, 3)).astype("uint8")
    buffer = BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(png.smaller(buffer.getvalue()))).convert("RGB")), noise)


# --- show, refused --------------------------------------------------------------------------------------------------


def test_spaces_around_a_caption_do_not_break_its_emphasis(shown):
    plots.show(figure(), alt="A line.", caption=" Look. \n")
    assert shown[1][0][0].data == "*Look.*"


def test_a_shown_figure_is_released(shown):
    fig = figure()
    plots.show(fig, alt="A line.", caption="A line.")
    assert not fig.axes


@pytest.mark.parametrize("missing", ["alt", "caption"])
@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_a_figure_without_words_is_refused(shown, missing, nothing):
    words = {"alt": "A line.", "caption": "A line."} | {missing: nothing}
    with pytest.raises(ValueError, match=f"{missing} is empty"):
        plots.show(figure(), **words)
    assert not shown


@pytest.mark.parametrize("missing", ["alt", "caption"])
@pytest.mark.parametrize("what", [None, 3])
def test_words_that_are_no_text_are_refused(shown, missing, what):
    words = {"alt": "A line.", "caption": "A line."} | {missing: what}
    with pytest.raises(TypeError, match=missing):
        plots.show(figure(), **words)


@pytest.mark.parametrize("what", [None, "figure", [1, 2], plots.new_figure().subplots()])
def test_what_is_no_figure_is_refused_by_its_type(shown, what):
    with pytest.raises(TypeError, match=f"{type(what).__name__}; expected a Matplotlib Figure"):
        plots.show(what, alt="A line.", caption="A line.")


def test_the_same_figure_gives_the_same_bytes():
    assert plots.to_png(figure()) == plots.to_png(figure())


# --- new figures, colours -------------------------------------------------------------------------------------------


def test_pyplot_does_not_know_a_new_figure_so_it_never_shows_twice():
    before = plt.get_fignums()
    assert plots.new_figure(width=5, height=2).get_size_inches().tolist() == [5, 2]
    assert plt.get_fignums() == before


def test_axes_are_used_where_given():
    ax = plots.new_figure().subplots()
    assert plots.axes_of(ax) is ax
    assert plots.axes_of(None).figure is not ax.figure


def test_each_curve_differs_from_all_others_in_colour_and_in_style():
    colours, styles = zip(*plots.CURVES, strict=True)
    assert len(set(colours)) == len(set(styles)) == len(plots.CURVES)


# --- one look for each model ----------------------------------------------------------------------------------------


def test_the_looks_of_two_families_differ_without_colour():
    looks = list(models.LOOKS.values())
    assert len({marker for _, marker, _ in looks}) == len(looks)
    for colour in {colour for colour, _, _ in looks}:
        lines = [line for own, _, line in looks if own == colour]
        assert len(set(lines)) == len(lines), colour


def test_every_colour_of_a_model_is_in_the_palette():
    assert {colour for colour, _, _ in [*models.LOOKS.values(), models.OTHER]} <= set(plots.COLOURS.values())


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Naive", "naive"),
        ("Weekly naive", "seasonal naive"),
        ("Least squares, 336 lags", "linear"),
        ("SARIMA (1,0,0)(0,1,1,24)", "SARIMA"),
        ("SimpleRNN(20)", "SimpleRNN"),
        ("SimpleRNN 20-20, sequence", "deep RNN"),
        ("20-20 + Dense(1)", "deep RNN"),
        ("Dense(10)", "dense"),
        ("LayerNorm cell", "LayerNorm RNN"),
        ("Bidirectional LSTM, words shuffled", "LSTM"),
        ("GRU 128, tied", "GRU"),
        ("Conv1D + GRU", "convolution"),
        ("Bigrams", "counting"),
        ("Noise floor", "floor"),
        ("Drift", None),
    ],
)
def test_a_row_of_the_course_has_the_look_of_its_family(name, family):
    assert models.family(name) == family
    assert models.look(name) == (models.LOOKS[family] if family else models.OTHER)


def test_a_ladder_draws_each_model_in_its_look():
    fig = score_plots.ladder([("GRU", None, (2, 1, 1)), ("LSTM", 1.0, ())], lines={}, unit="MSE")
    study, mine = (line for line in fig.axes[0].lines if line.get_marker() in "so")
    assert (study.get_color(), study.get_marker()) == models.LOOKS["GRU"][:2]
    assert (mine.get_color(), mine.get_fillstyle()) == (models.LOOKS["LSTM"].colour, "none")


def test_a_thin_marker_is_not_drawn_without_its_edge():
    fig = score_plots.ladder([("Naive", None, (2, 1))], lines={}, unit="MSE")
    (naive,) = (line for line in fig.axes[0].lines if line.get_label() == score_plots.SEED)
    assert naive.get_marker() == "x"
    assert naive.get_markeredgewidth() > 0


# --- scores ---------------------------------------------------------------------------------------------------------


LADDER = [
    ("Naive", None, [0.02] * 5),
    ("Mine", 0.01, []),
    ("Both", 0.003, [0.0031, 0.0029, 0.0030, 0.0032, 0.0031]),
    ("Wide", None, [0.002, 0.0015, 0.002, 0.0018, 0.009]),
]


def test_a_ladder_shows_every_row_and_line():
    fig = score_plots.ladder(LADDER, lines={"noise floor": 0.0008}, unit="MSE")
    drawn(fig)
    ax = fig.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Naive", "Mine", "Both", "Wide"]
    assert ax.get_ylim() == (3.5, -0.5)  # the first row on top
    assert ax.get_xlabel() == "MSE"
    assert ax.get_xscale() == "log"
    assert set(legend(fig)) == {"study: a dot per seed", "you, today", "noise floor"}


def test_a_ladder_has_a_dot_per_seed_so_that_the_one_that_failed_is_seen():
    fig = score_plots.ladder(LADDER[3:], lines={}, unit="MSE")
    (dots,) = fig.axes[0].lines
    assert list(dots.get_xdata()) == LADDER[3][2]
    assert set(dots.get_ydata()) == {0}


def test_a_ladder_of_lines_alone_is_drawn():
    drawn(score_plots.ladder([], lines={"naive": 0.02}, unit="MSE"))


def test_a_ladder_draws_more_lines_than_there_are_styles():
    fig = score_plots.ladder(LADDER, lines={f"line {k}": 0.01 + k / 100 for k in range(6)}, unit="MSE")
    assert {f"line {k}" for k in range(6)} <= set(legend(fig))


def test_a_ladder_on_a_linear_axis_takes_zero():
    fig = score_plots.ladder([("Perfect", 0.0, [0.0])], lines={}, unit="MAE", log=False)
    drawn(fig)
    assert fig.axes[0].get_xscale() == "linear"


def test_an_empty_ladder_is_refused():
    with pytest.raises(ValueError, match="record a score first"):
        score_plots.ladder([], lines={}, unit="MSE")


# --- states ---------------------------------------------------------------------------------------------------------


def test_impulse_responses_have_a_curve_a_label():
    fig = state_plots.impulse_responses({"w = 0.8": np.array([0.5, 0.4]), "w = -0.8": np.array([0.5, -0.4])})
    drawn(fig)
    assert legend(fig) == ["w = 0.8", "w = -0.8"]
    np.testing.assert_allclose(fig.axes[0].lines[1].get_ydata(), [0.5, -0.4])


def test_no_curve_is_dropped_silently():
    with pytest.raises(ValueError, match="8 curves"):
        state_plots.impulse_responses({str(k): np.zeros(3) for k in range(8)})


@pytest.mark.parametrize("states", [{}, {"two layers": np.zeros((3, 2))}, {"empty": np.zeros(0)}])
def test_impulse_responses_refuse_what_is_no_path(states):
    with pytest.raises(ValueError, match="expected"):
        state_plots.impulse_responses(states)


def test_an_unrolled_layer_has_a_cell_a_step():
    fig = state_plots.unrolled(n_steps=3)
    drawn(fig)
    texts = [text.get_text() for text in fig.axes[0].texts]
    assert {"h$_0$", "h$_2$"} <= set(texts)
    assert "h$_3$" not in texts


@pytest.mark.parametrize("n_steps", [0, -1])
def test_an_unrolled_layer_has_at_least_one_step(n_steps):
    with pytest.raises(ValueError, match="at least 1"):
        state_plots.unrolled(n_steps=n_steps)


# --- series and shapes ----------------------------------------------------------------------------------------------


X = np.random.RandomState(0).rand(4, 20, 1)
HOURS = pd.Series(np.arange(24.0 * 14), pd.date_range("2018-01-01", periods=24 * 14, freq="h"))
FIGURES = {
    "forecasts": lambda: series_plots.forecasts(X, X[:, :3], {"naive": X[:, :3], "slope": X[:, 3:6]}, count=3),
    "inputs alone": lambda: series_plots.forecasts(X, count=1),
    "hours": lambda: series_plots.hours(HOURS, HOURS % 50 == 0, unit="vehicles/h"),
    "mean week": lambda: series_plots.mean_week(HOURS, unit="vehicles/h"),
    "autocorrelation": lambda: series_plots.autocorrelation(np.cos(np.arange(200) / 4), marks=[1, 24, 190]),
    "error by horizon": lambda: series_plots.error_by_horizon({"naive": [1, 2, 3]}, unit="MAE"),
    "learning curves": lambda: series_plots.learning_curves({"a": [3, 2], "b": [2, 1]}, unit="MSE", lines={"naive": 2}),
    "parts": lambda: series_plots.parts(HOURS.index, {"by time": np.repeat([0, 1, 2], [200, 68, 68])}),
    "stateless": shapes.stateless_and_stateful,
    "sequence types": shapes.sequence_types,
    "windows": lambda: shapes.windows(8, 3, 2, 1),
    "stacked": shapes.stacked,
    "stacked, with dropout": lambda: shapes.stacked(n_layers=3, n_steps=2, dropout=True),
    "targets by step": lambda: shapes.targets_by_step(6, 3),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_on_white_without_a_warning(name):
    pixels = drawn(FIGURES[name]())
    assert (pixels[0, 0] == 255).all()
    assert (pixels < 200).any()


@pytest.mark.parametrize("count", [0, 5])
def test_forecasts_of_series_that_are_not_there_are_refused(count):
    with pytest.raises(ValueError, match="ask for 1 to 4"):
        series_plots.forecasts(X, count=count)


def test_figures_have_axes_with_units_or_names():
    for name in ("mean week", "autocorrelation", "error by horizon", "learning curves", "hours"):
        assert FIGURES[name]().axes[0].get_ylabel(), name


@pytest.mark.parametrize("size", [{"n_layers": 0}, {"n_steps": 0}])
def test_a_stack_has_at_least_one_layer_and_one_step(size):
    with pytest.raises(ValueError, match="at least 1 of each"):
        shapes.stacked(**size)


def test_dropout_is_marked_by_its_place_one_mark_an_arrow():
    texts = [text.get_text() for text in shapes.stacked(n_layers=2, n_steps=3, dropout=True).axes[0].texts]
    assert [texts.count(mark) for mark in "123"] == [3, 3, 4]
    assert not {"1", "2", "3"} & {text.get_text() for text in shapes.stacked().axes[0].texts}


def test_hidden_steps_are_marked_and_nothing_is_drawn_there():
    fig = series_plots.forecasts(np.zeros((3, 50, 1)), hidden=10)
    assert [text.get_text() for ax in fig.axes for text in ax.texts] == ["?"] * 3
    assert max(len(line.get_xdata()) for ax in fig.axes for line in ax.lines) == 50


def test_no_model_of_a_figure_takes_the_colour_of_another_family_in_it():
    found = looks(["SimpleRNN, iterated", "SimpleRNN, vector", "GRU", "naive", "seasonal naive"])
    assert found["GRU"] == look("GRU")
    assert found["SimpleRNN, iterated"] == look("SimpleRNN")
    assert found["SimpleRNN, vector"].colour not in (look("SimpleRNN").colour, look("GRU").colour)
    assert found["naive"].colour == found["seasonal naive"].colour  # thin markers tell these apart
    assert len({(one.colour, one.marker, one.line) for one in found.values()}) == 5
