"""At every place of a committed table, what a plain Jupyter kernel offers is offered."""

from __future__ import annotations

import json
from pathlib import Path

from tests.worker.conftest import both_pythons
from tests.worker.driver import Gateway, Stream
from tests.worker.test_looking import complete

TABLE = json.loads((Path(__file__).parent / "completions.json").read_text())


@both_pythons
async def test_every_name_that_a_jupyter_kernel_offers_is_offered(gateway: Gateway, session: Stream) -> None:
    await session.run("\n".join(TABLE["setup"]))
    missing: list[str] = []
    for place in TABLE["places"]:
        before, after = place["code"].split("|")
        offered = await complete(gateway, session, before + after, len(before))
        missing.extend(set(place["offered"]) - set(offered))
    assert missing == []


def test_the_table_has_forty_places_and_something_is_offered_at_each() -> None:
    assert len(TABLE["places"]) >= 40
    assert all(place["offered"] for place in TABLE["places"])
