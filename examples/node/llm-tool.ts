// A tool for a language model: each piece of code runs in a fresh session with limits, and what came of it goes back
// as text. The model here says what it was told to say; put the call of yours in its place.
import { connect, type ExecutionResult } from 'beep-python/client';

await using python = await connect();

const sandbox = python.fresh({
  limits: { cpuTimeMs: 5_000, runTimeMs: 2_000, outputBytes: 64 * 1024, openFiles: 64 },
});

/** What the model is told of a run: all of it, briefly. */
function report({ outcome, stdout, stderr, text, error, message }: ExecutionResult): string {
  const parts = [stdout, stderr, outcome === 'ERROR' ? error?.traceback : text];
  if (outcome !== 'OK' && outcome !== 'ERROR') parts.push(`${outcome}: ${message}`);
  const whole = parts.filter((part) => part !== undefined && part !== '').join('\n');
  return whole.length > 2000 ? `${whole.slice(0, 1000)}\n...\n${whole.slice(-1000)}` : whole;
}

/** Any end is an answer: an exception, a limit and an exit are told, not thrown. */
async function runPython(code: string): Promise<string> {
  return report(await sandbox.execute(code).result());
}

/** Stands for a model: it answers with code to run, or with a last word. */
async function* model(): AsyncGenerator<{ code: string } | { answer: string }, void, string> {
  let seen = yield { code: 'sum(p for p in range(2, 100) if all(p % d for d in range(2, p)))' };
  const sum = seen.trim();
  seen = yield { code: 'while True: pass' };
  seen = yield { code: 'sum  # of the primes, which another session had as "total"\ntotal' };
  yield { answer: `The primes below 100 make ${sum}; the last try ended with ${seen.trim().split('\n').at(-1)}` };
}

const conversation = model();
let said = await conversation.next();
while (!said.done) {
  if ('answer' in said.value) {
    console.log(`answer: ${said.value.answer}`);
    said = await conversation.next('');
  } else {
    const result = await runPython(said.value.code);
    console.log(`code:   ${said.value.code.replaceAll('\n', ' | ')}\nresult: ${result.trim().split('\n').at(-1)}`);
    said = await conversation.next(result);
  }
}
