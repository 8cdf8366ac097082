// Runs code on this machine's gateway: once for the answer, once for the output as it comes, and works with an object.
import { connect } from 'beep-python/client';

await using python = await connect();

const { value } = await python.run('sum(range(101))');
console.log('the answer:', value);

const code = `import time
for i in range(3):
    print("line", i)
    time.sleep(0.2)`;
for await (const event of python.execute(code)) {
  if (event.type === 'stdout') process.stdout.write(event.text);
}

await using session = await python.createSession();
const { mean } = session.import('statistics');
console.log('the mean:', await mean([1, 2, 3, 4]));
