"""What a session does for its objects: each is one trip, or as few as can be."""

from __future__ import annotations

from typing import Any, AsyncIterator, Iterable, List

from beep_python_client import asking
from beep_python_client.async_remote import AsyncRemote
from beep_python_client.awaited.calls import AsyncCalls
from beep_python_client.awaited.execution import stop
from beep_python_client.contract import object_pb2
from beep_python_client.held import Handles
from beep_python_client.large import Reading, Writing, form_of
from beep_python_client.nodes import UNKNOWN, Action, Batch, Node, large_nodes
from beep_python_client.refusals import BeepError, ConnectionLost
from beep_python_client.requests import new_id
from beep_python_client.values import from_message
from beep_python_client.waiting import async_shield


class AsyncTrips:
    """Those of one session."""

    id: str

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls
        self._handles = Handles()
        # Whether any argument was too large to go with its batch.
        self._has_large = False

    def _reference(self, handle_id: str, type_name: str, text: str) -> AsyncRemote:
        node = Node(name=text or type_name)
        node.held = self._handles.hold(handle_id)
        return AsyncRemote(self, node)

    async def _apply(self, batch: Batch) -> Any:
        request = batch.request(self.id, new_id())
        try:
            return await self._calls.call("Apply", request)
        except ConnectionLost:
            batch.unsent()
            raise
        except BaseException as error:
            if not isinstance(error, BeepError):  # whoever waits has given up
                await async_shield(stop(self._calls, request.batch_id))
            raise

    async def _value(self, node: Node, lenient: bool = False) -> Any:
        [value] = await self._values([node], lenient)
        return value

    async def _values(self, nodes: List[Node], lenient: bool = False) -> List[Any]:
        wanted = [node for node in nodes if node.known is UNKNOWN]
        values = {}
        if wanted:
            await self._send_large(wanted)
            asked = asking.Asked(self._handles, self._reference)
            for node in wanted:
                asked.value(node, lenient)
            answers = asked.take(await self._apply(asked.batch))
            for node, (is_value, answer) in zip(wanted, answers):
                values[id(node)] = answer if is_value else await self._fetch(node, answer, lenient)
        return [values[id(node)] if id(node) in values else node.known for node in nodes]

    async def _fetch(self, node: Node, type_name: str, lenient: bool) -> Any:
        """The value of what came by handle."""
        if node.held is None:
            await self._hold(node)
        form = form_of(type_name)
        if form is not None and node.held is not None:
            return await self._calls.read(Reading(self.id, node.held.id, type_name, form))
        batch = asking.exact_value(self._handles, node, lenient)
        results = batch.take(await self._apply(batch))
        return from_message(results[-1].value, self._reference)

    async def _hold(self, *nodes: Node) -> None:
        missing = [node for node in nodes if node.held is None]
        if missing:
            await self._send_large(missing)
            asked = asking.Asked(self._handles, self._reference)
            for node in missing:
                asked.handle(node)
            asked.take(await self._apply(asked.batch))

    async def _release_now(self, ids: List[str]) -> None:
        if ids:
            request = object_pb2.ReleaseHandlesRequest(session_id=self.id, handle_ids=ids)
            await self._calls.call("ReleaseHandles", request)

    def _release(self, node: Node) -> None:
        if node.held is not None and node.held.let_go():
            self._handles.release([node.held.id])

    async def _do(self, node: Node, action: Action, inputs: Any = ()) -> Any:
        await self._send_large((node, *inputs))
        batch = asking.does(self._handles, node, action, inputs)
        return batch.take(await self._apply(batch))[-1]

    async def _measure(self, node: Node) -> int:
        answer = await self._do(node, asking.measures)
        return int(answer.value.integer)

    async def _iterate(self, target: AsyncRemote, size: int) -> AsyncIterator[Any]:
        iterating = asking.Iterating(self, self._handles, target, size, self._reference)
        try:
            while not iterating.is_over:
                batch = iterating.batch()
                for item in iterating.take(batch.take(await self._apply(batch))):
                    yield item
            iterating.end()
        finally:
            iterating.close()

    async def _send_large(self, wanted: Iterable[Node]) -> None:
        """Arguments that are too large to go with a batch go before it."""
        if self._has_large:
            for node in large_nodes(wanted):
                response = await self._calls.write(Writing(self.id, node.large, new_id()))
                node.held = self._handles.hold(response.object.id)
                node.large = None
