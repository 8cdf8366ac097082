"""Tables as bytes: an Arrow IPC stream, or one JSON object by column."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any, Dict, List, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.refusals import NoValue
from beep_session.text import type_name
from beep_session.values import to_json_text

_MAX_BYTES = 1 << 62
# Rows of one Arrow record batch: what a reader holds at once.
_BATCH_ROWS = 1 << 16

_import = __import__
_modules = sys.modules


class NoTable(Exception):
    """Thrown when a table cannot be said in a form."""


def arrow_of(table: Any, is_asked: bool) -> Optional[Any]:
    """An Arrow IPC stream. None where there is no pyarrow, and it was not asked for; raises NoTable."""
    if _library_of(table) == "polars":
        sink = BytesIO()
        level = getattr(_modules["polars"], "CompatLevel", None)
        # Types that every reader of Arrow knows: texts as views are none of them.
        _frame(table).write_ipc_stream(sink, **({} if level is None else {"compat_level": level.oldest()}))
        return sink.getvalue()
    try:
        arrow = _import("pyarrow")
    except Exception as error:
        if not is_asked:
            return None
        raise NoTable(
            f"Arrow is made by pyarrow, which cannot be imported here ({type(error).__name__}); "
            "install it in this environment, or ask for JSON_COLUMNS"
        ) from None
    try:
        return _stream(arrow, table)
    except (arrow.ArrowException, AttributeError, TypeError, ValueError) as error:
        if not is_asked:
            return None
        raise NoTable(f"pyarrow makes no table of it: {error}; ask for JSON_COLUMNS, or convert its columns") from None


def _stream(arrow: Any, table: Any) -> Any:
    if _library_of(table) == "pandas":
        table = arrow.Table.from_pandas(_frame(table))
    elif type(table).__name__ == "RecordBatch":
        table = arrow.Table.from_batches([table])
    elif not isinstance(table, arrow.Table):
        table = arrow.RecordBatchReader.from_stream(table).read_all()
    sink = arrow.BufferOutputStream()
    with _import("pyarrow.ipc").ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=_BATCH_ROWS)
    return sink.getvalue()


def has_arrow_stream(kind: type) -> bool:
    """Whether it gives its rows as an Arrow stream of its own: the PyCapsule interface, which many libraries have."""
    return hasattr(kind, "__arrow_c_stream__")


def json_columns_of(table: Any) -> bytes:
    """Its columns by name, as JSON with the tags of values. Raises NoTable."""
    columns: Dict[Any, Any] = {}
    library = _library_of(table)
    if library == "pandas":
        frame = _frame(table)
        if not frame.columns.is_unique:
            raise NoTable("two of its columns have the same name; rename one of them")
        for name in frame.columns:
            columns[name] = _pandas_column(frame[name])
    elif library == "polars":
        columns = _frame(table).to_dict(as_series=False)
    else:
        columns = table.to_pydict()
    try:
        return to_json_text(columns, _MAX_BYTES).encode()
    except NoValue as error:
        path = error.path.replace("result", "table", 1)
        raise NoTable(
            f"{path}: {error.why}; install pyarrow in this environment to read it as Arrow, or convert the column"
        ) from None


def _pandas_column(column: Any) -> Any:
    if getattr(column.dtype, "kind", "") in "mM" and type(column.dtype).__module__.startswith("numpy"):
        return column.to_numpy()  # exact, as an array: a pandas time has more digits than one of Python's
    values: List[Any] = column.tolist()
    missing = getattr(_modules["pandas"], "NA", None)
    return [None if value is missing else value for value in values]


def _frame(table: Any) -> Any:
    """A series as a table of one column."""
    if type(table).__name__ != "Series":
        return table
    name = table.name if table.name not in (None, "") else "values"
    return table.to_frame(name)


def _library_of(table: Any) -> str:
    return type(table).__module__.partition(".")[0] or type_name(type(table))
