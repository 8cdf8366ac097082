"""What is tested at both ends of the range of dependencies: run by itself, with the client installed from its wheel."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Callable
from typing import Any

import beep_python_client
from beep_python_client import AsyncClient, Client, Finished, Remote, RemoteError, ResultValue, errors

IS_FULL = all(importlib.util.find_spec(name) for name in ("numpy", "pandas", "pyarrow"))


def check_blocking(client: Client) -> None:
    """Executions, errors and objects."""
    with client.create_session(limits={"open_files": 200}, idle_timeout=60) as session:
        result = session.run("print('out'); x = {'a': (1, 2.0)}; x", timeout=30)
        assert (result.value, result.stdout) == ({"a": (1, 2.0)}, "out\n")
        events = list(session.execute("print(1)"))
        assert isinstance(events[-1], Finished)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        for call in (lambda: session.run("int('x')"), lambda: session.variable("int")("x").value_()):
            error = raised_by(call)
            assert isinstance(error, RemoteError)
            assert isinstance(error, ValueError)
        refused = raised_by(lambda: session.run("1", generation=9))
        assert isinstance(refused, errors.StaleGeneration)
        assert refused.metadata["generation"] == "1"
        fraction = session.import_("fractions").Fraction
        half = fraction(1, 2).handle_()
        assert (half + 1).numerator.value_() == 3
        assert session.evaluate("[type(x).__name__ for x in y]", y=[half, 2**70, b"", ...]).value_()[1] == "int"
        assert sum(session.variable("range")(1000)) == 499500
        data = b"x" * 3_000_000
        assert session.put(data).value_() == data


def raised_by(call: Callable[[], Any]) -> Any:
    """What a call raises."""
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


async def check_asyncio(home: str) -> None:
    """The same, awaited."""
    async with AsyncClient(home=home) as client, await client.create_session() as session:
        assert (await session.run("6 * 7")).value == 42
        assert [type(event).__name__ async for event in session.execute("1")][-1] == "Finished"
        assert await session.import_("math").sqrt(16) == 4.0
        task = asyncio.ensure_future(session.run("import time; time.sleep(600)"))
        while (await session.refresh()).state != "BUSY":
            pass
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        assert (await session.run("1")).value == 1


def check_arrays_and_frames(client: Client, venv: str) -> None:
    """numpy's arrays and pandas' frames, small and large, are what they were."""
    import numpy
    import pandas

    with client.create_session(venv=venv) as session:
        np = session.import_("numpy")
        for array in every_array(numpy):
            found = session.evaluate("x", x=array).value_()
            same(array, found)
            same(array, session.put(array).value_())
        large = numpy.random.default_rng(1).random((1000, 300))
        held = np.arange(6).reshape(2, 3)
        same(numpy.arange(6).reshape(2, 3) * 3, (numpy.arange(6).reshape(2, 3) + held * 2).value_())
        same(numpy.arange(6).reshape(2, 3), numpy.asarray(held))
        assert (held.sum().value_(), held.sum().dtype.name.value_()) == (15, "int64")
        assert np.mean(large).value_() == large.mean()
        same(large, np.asarray(large).value_())
        same(large.T.copy(), np.asarray(large).T.value_())
        frame = pandas.DataFrame({"n": range(1000), "text": [f"row {n}" for n in range(1000)]})
        made = session.import_("pandas").DataFrame({"n": list(range(1000)), "text": list(frame["text"])})
        pandas.testing.assert_frame_equal(made.value_(), frame, check_dtype=False)
        assert made.n.sum().value_() == 499500


def check_scalars_of_numpy(client: Client, venv: str) -> None:
    """They are numbers wherever they come from, and what is more than a number is an object."""
    with client.create_session(venv=venv) as session:
        np = session.import_("numpy")
        session.run("import numpy")
        scalar, several = "numpy.arange(4).mean()", "[numpy.int8(3), {'a': numpy.bool_(True)}]"
        found = [
            session.run(scalar).value,
            [event.value for event in session.execute(scalar) if isinstance(event, ResultValue)][0],
            session.evaluate(scalar).value_(),
            np.arange(4).mean().value_(),
            *session.values(np.float64(1.5)),
            *session.evaluate("[numpy.float64(1.5)]"),
        ]
        assert [(type(value), value) for value in found] == [(float, 1.5)] * 6
        for values in (session.run(several).value, session.evaluate(several).value_()):
            assert (values, type(values[0]), type(values[1]["a"])) == ([3, {"a": True}], int, bool)
        assert session.run(several).notices[0].message == "result[0]: numpy.int8 became int"
        assert type(session.run(scalar, numpy_scalars=False).value) is Remote
        assert type(session.run("numpy.datetime64('2026-01-01')").value) is Remote
        refused = raised_by(lambda: np.longdouble(1).value_())
        assert isinstance(refused, errors.ConversionFailed)
        named = np.float64(1.5)
        assert (named.value_(), named.dtype.name.value_()) == (1.5, "float64")


def check_polars(client: Client, venv: str) -> None:
    """A frame of polars is one here, without pyarrow."""
    import polars

    assert importlib.util.find_spec("pyarrow") is None
    with client.create_session(venv=venv) as session:
        columns: dict[str, list[Any]] = {"n": list(range(100_000)), "text": [None, *map(str, range(99_999))]}
        made = session.import_("polars").DataFrame(columns)
        found = made.value_()
        assert type(found) is polars.DataFrame
        assert found.to_dict(as_series=False) == columns
        assert made.get_column("n").sum().value_() == sum(columns["n"])
        assert session.run("import polars\npolars.DataFrame({'x': [1.5]})").value.value_()["x"].to_list() == [1.5]


def check_columns(client: Client, venv: str) -> None:
    """A frame without pandas is its columns, an array without numpy its bytes."""
    with client.create_session(venv=venv) as session:
        frame = session.import_("pandas").DataFrame({"n": [1, 2], "text": ["a", "b"]}).handle_()
        columns = frame.value_()
        assert (list(columns["n"]), list(columns["text"])) == ([1, 2], ["a", "b"]), columns
        array = session.import_("numpy").arange(3, dtype="<i2")
        assert array.value_() == beep_python_client.Tensor("<i2", (3,), b"\0\0\1\0\2\0")
        large = session.import_("numpy").zeros(1_000_000).value_()
        assert (large.shape, len(large.data)) == ((1_000_000,), 8_000_000)


def every_array(numpy: Any) -> Any:
    """An array of every dtype that travels, in several shapes and orders."""
    for code in "? i1 <i2 >i4 <i8 u1 <u2 <u4 >u8 <f2 <f4 >f8 <c8 <c16 <M8[ns] <m8[D]".split():
        values = numpy.arange(24).astype(code) if code != "?" else numpy.arange(24) % 2 == 0
        yield values
        yield values.reshape(2, 3, 4).transpose(2, 0, 1)
        yield values[::-3]
        yield values[:0]
        yield numpy.asfortranarray(values.reshape(4, 6))
        yield values[0:1].reshape(())


def same(one: Any, other: Any) -> None:
    """Equal in everything but the order of bytes and elements in memory."""
    assert type(other).__name__ == "ndarray"
    assert one.dtype == other.dtype.newbyteorder(one.dtype.byteorder), (one.dtype, other.dtype)
    assert one.shape == other.shape
    assert one.tobytes() == other.astype(one.dtype).tobytes()
    assert other.flags.writeable


def main() -> None:
    """Home of the gateway, and an environment with numpy and pandas."""
    home, venv = sys.argv[1:]
    assert "site-packages" in beep_python_client.__file__ or "target" in beep_python_client.__file__
    with Client(home=home) as client:
        check_blocking(client)
        if importlib.util.find_spec("polars"):
            check_polars(client, venv)
            return
        check_scalars_of_numpy(client, venv)
        if IS_FULL:
            check_arrays_and_frames(client, venv)
        else:
            check_columns(client, venv)
    asyncio.run(check_asyncio(home))
    import google.protobuf
    import grpc

    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    print(f"python {version} protobuf {google.protobuf.__version__} grpcio {grpc.__version__}")


if __name__ == "__main__":
    main()
