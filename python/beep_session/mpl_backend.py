"""A matplotlib backend whose figures are displays. Imported by matplotlib itself, never by us before it."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Optional

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from beep_session.display import display

FigureCanvas = FigureCanvasAgg
FigureManager = FigureManagerBase


def show(*args: Any, **options: Any) -> None:
    """Display every open figure and close it: what `plt.show()` calls."""
    show_figures()


def show_figures(is_wanted: bool = True) -> None:
    """Display every open figure, in the order they were made, and close all."""
    managers = sorted(Gcf.get_all_fig_managers(), key=lambda manager: manager.num)
    try:
        for manager in managers if is_wanted else ():
            figure = manager.canvas.figure
            if figure.axes or figure.lines or figure.texts or figure.images:
                display(figure)
    finally:
        if managers:
            Gcf.destroy_all()


def to_png(figure: Any) -> Optional[bytes]:
    """The figure as PNG."""
    if figure.canvas is None or not hasattr(figure.canvas, "print_png"):
        FigureCanvasAgg(figure)
    data = BytesIO()
    figure.savefig(data, format="png", bbox_inches="tight")
    return data.getvalue()
