# Made from awaited/calls.py by scripts/generate/client_blocking.py; edit that one.
"""Calls, with errors of this client."""

from __future__ import annotations

from typing import Any, Iterator, Optional

import grpc

from beep_python_client.channel import metadata_of, open_channel, stubs_of
from beep_python_client.faults import fault_of
from beep_python_client.following import Patience
from beep_python_client.large import Reading, Writing
from beep_python_client.locate import Place
from beep_python_client.refusals import BeepError, ConnectionLost
from beep_python_client.waiting import grpc_api, sleep


class Calls:
    """One connection to a gateway."""

    def __init__(self, place: Place, call_timeout: float, patience: float) -> None:
        self._channel = open_channel(grpc_api, place)
        self._metadata = metadata_of(place)
        self._stubs = stubs_of(self._channel)
        self._call_timeout = call_timeout
        self.patience = Patience(patience)

    def close(self) -> None:
        """What is under way ends with an error."""
        self._channel.close()

    def short(self, name: str, request: Any) -> Any:
        """A call that the gateway answers by itself. Raises BeepError."""
        return self.call(name, request, self._call_timeout)

    def call(self, name: str, request: Any, timeout: Optional[float] = None) -> Any:
        """A call that takes as long as it takes. Raises BeepError."""
        try:
            answer = self._stubs[name](request, metadata=self._metadata, timeout=timeout)
        except grpc.RpcError as error:
            raise fault_of(error) from None
        self.patience.rest()
        return answer

    def again(self, name: str, request: Any) -> Any:
        """A call that may be made twice: as often as the connection breaks, as long as patience lasts."""
        patience = self.patience.again()
        while True:
            try:
                return self.call(name, request)
            except BeepError as error:
                sleep(patience.next_delay(error))

    def stream(self, name: str, request: Any) -> Stream:
        """The answers of a call, as they come."""
        return Stream(self._stubs[name](request, metadata=self._metadata))

    def read(self, reading: Reading) -> Any:
        """A large object, over as many connections as it takes. Raises BeepError."""
        patience = self.patience.again()
        while not reading.is_whole:
            try:
                for part in self.stream("Read", reading.request()):
                    reading.take(part)
                    patience.rest()
                if not reading.is_whole:
                    raise ConnectionLost("the object ended before all of it had come")
            except BeepError as error:
                sleep(patience.next_delay(error))
        return reading.value()

    def write(self, writing: Writing) -> Any:
        """Sends a large object, over as many connections as it takes; answers with what the gateway says of it."""
        patience = self.patience.again()
        while True:
            try:
                return self.call("Write", writing.requests())
            except BeepError as error:
                sleep(patience.next_delay(error))
                writing.received = self._received(writing, patience)

    def _received(self, writing: Writing, patience: Patience) -> int:
        """How much of it arrived."""
        while True:
            try:
                answer = self.call("Write", writing.question())
            except BeepError as error:
                sleep(patience.next_delay(error))
            else:
                return int(answer.received_bytes)


class Stream:
    """Answers as they come. Raises BeepError."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._answers = call.__iter__()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return self._answers.__next__()
        except grpc.RpcError as error:
            raise fault_of(error) from None

    def cancel(self) -> None:
        """Nothing more is wanted."""
        self._call.cancel()
