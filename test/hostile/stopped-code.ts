/** Code that does not end by itself once it has written "up", and how an interrupt of it ends. */

/** One piece of code. */
export interface StoppedCode {
  readonly code: string;
  readonly stoppedBy: 'INTERRUPT' | 'EXCEPTION' | 'KILL';
  /** That of an interrupt, where the code goes on to an end of its own. */
  readonly outcome?: string;
  /** Its process ended with the first rung. */
  readonly dies?: boolean;
}

const up = '__import__("os").write(1, b"up")';

/** A short form of the table that the worker's own tests have (`stoppable.py`). */
export const stoppedCode: Readonly<Record<string, StoppedCode>> = {
  'an endless loop': { code: `${up}\nwhile True: pass`, stoppedBy: 'INTERRUPT' },
  'a sleep': { code: `import time; ${up}; time.sleep(60)`, stoppedBy: 'INTERRUPT' },
  'await of a sleep': { code: `import asyncio\n${up}\nawait asyncio.sleep(60)`, stoppedBy: 'INTERRUPT' },
  'a child': { code: 'import os; os.system("echo up; exec sleep 60")', stoppedBy: 'INTERRUPT', outcome: 'OK' },
  'a loop that forks': {
    code: `import os\n${up}\nwhile True:\n    if os.fork() == 0: os._exit(0)\n    os.wait()`,
    stoppedBy: 'INTERRUPT',
  },
  'a handler that exits': {
    code: `import sys\ntry:\n    ${up}\n    while True: pass\nexcept KeyboardInterrupt: sys.exit(3)`,
    stoppedBy: 'INTERRUPT',
    outcome: 'EXITED',
  },
  'a handler that ends the process': {
    code: `import os\ntry:\n    ${up}\n    while True: pass\nexcept KeyboardInterrupt: os._exit(3)`,
    stoppedBy: 'INTERRUPT',
    outcome: 'EXITED',
    dies: true,
  },
  'an ignored SIGINT': {
    code: `import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n${up}\nwhile True: pass`,
    stoppedBy: 'EXCEPTION',
  },
  'a wait after a wait': {
    code: `import time\ntry: ${up}; time.sleep(60)\nfinally: time.sleep(60)`,
    stoppedBy: 'EXCEPTION',
  },
  'a loop that swallows everything': {
    code: `while True:\n    try:\n        ${up}\n        while True: pass\n    except BaseException: pass`,
    stoppedBy: 'KILL',
  },
};
