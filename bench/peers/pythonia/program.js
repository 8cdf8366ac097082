// pythonia's own bridge, told what to do by lines of JSON; each task names a measure, and its answer is in that measure's
// unit. Ends when its input does, and its interpreter with it.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, target] = process.argv.slice(2);
const pythonia = createRequire(`${folder}/package.json`).resolve('pythonia');
const { python } = await import(pathToFileURL(pythonia).href);
const held = await python(target);
const counter = await held.Counter();
const inFlight = 32;
let expected = 0;

async function add() {
  const wanted = ++expected;
  if ((await counter.add(1)) !== wanted) throw new Error('it lost count');
}

const tasks = {
  async call() {
    const startedAt = performance.now();
    await add();
    return performance.now() - startedAt;
  },
  async throughput(windowMs) {
    const startedAt = performance.now();
    let calls = 0;
    const lane = async () => {
      for (; performance.now() - startedAt < windowMs; calls++) await add();
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return (calls / (performance.now() - startedAt)) * 1000;
  },
  async items(count) {
    const startedAt = performance.now();
    let seen = 0;
    for await (const row of await held.rows(count)) seen += (await row.valueOf())[0];
    const took = performance.now() - startedAt;
    if (seen !== (count * (count - 1)) / 2) throw new Error('rows were lost');
    return took;
  },
};

for await (const line of createInterface(process.stdin)) {
  const [name, ...args] = JSON.parse(line);
  console.log(JSON.stringify(await tasks[name](...args)));
}
python.exit();
