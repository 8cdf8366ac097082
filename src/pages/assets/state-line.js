// The line below the output: what the execution is doing, for how long, where, and how it ended.

const outcomes = {
  OK: 'Done',
  ERROR: 'Raised an exception',
  INTERRUPTED: 'Stopped',
  TIMEOUT: 'Timed out',
  CANCELLED: 'Cancelled',
  KILLED: 'Killed by a signal',
  OUT_OF_MEMORY: 'Out of memory',
  CPU_LIMIT: 'CPU time used up',
  OUTPUT_LIMIT: 'Too much output',
  EXITED: 'Exited',
  WORKER_LOST: 'Its worker was lost',
};

/** Three places: `outcome` is read out when it changes, `clock` and `facts` are not. */
export function createStateLine({ outcome, clock, facts }) {
  let beganAt = 0;
  let timer;
  let session = '';

  function say(text, mood) {
    if (outcome.textContent !== text) outcome.textContent = text;
    outcome.dataset.mood = mood;
  }

  function end(text, mood, seconds) {
    clearInterval(timer);
    clock.textContent = `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
    say(text, mood);
  }

  function finish({ outcome: name = '', statePreserved = false, exitCode, signal, message, usage }) {
    const short = name.replace('OUTCOME_', '');
    const detail = exitCode !== undefined ? ` with ${exitCode}` : signal !== undefined ? ` ${signal}` : '';
    end(`${outcomes[short] ?? short}${detail}`, short === 'OK' ? 'good' : 'bad', Number.parseFloat(usage?.wall ?? '0'));
    facts.textContent = [session, statePreserved ? 'variables kept' : 'variables lost', message]
      .filter(Boolean)
      .join(' · ');
  }

  return {
    begin() {
      beganAt = performance.now();
      session = '';
      facts.textContent = '';
      say('Starting', 'busy');
      clock.textContent = '';
      clearInterval(timer);
      timer = setInterval(() => {
        clock.textContent = `${((performance.now() - beganAt) / 1000).toFixed(1)} s`;
      }, 100);
    },

    show({ accepted, started, finished }) {
      if (accepted) {
        session = `session ${accepted.sessionId}`;
        facts.textContent = session;
        if (accepted.queuePosition) say('Waiting for its turn', 'busy');
      } else if (started) say('Running', 'busy');
      else if (finished) finish(finished);
    },

    /** The stream broke or was refused: how it ended is not known here. */
    fail() {
      end('Failed', 'bad', (performance.now() - beganAt) / 1000);
    },
  };
}
