"""Runs code on this machine's gateway: once for the answer, once for the output as it comes."""

from beep_python_client import Client, Output

code = """
import time
for i in range(3):
    print("line", i)
    time.sleep(0.2)
"""

with Client() as client:
    print("the answer:", client.run("sum(range(101))").value)

    for event in client.execute(code):
        if isinstance(event, Output):
            print(event.text, end="", flush=True)
