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

/** Its places: `outcome` is read out when it changes, the others are not. */
export function createStateLine({ outcome, clock, session, facts }) {
  let beganAt = 0;
  let timer;

  function say(text, mood) {
    if (outcome.textContent !== text) outcome.textContent = text;
    outcome.dataset.mood = mood;
  }

  function end(text, mood, seconds) {
    clearInterval(timer);
    clock.textContent = timeText(seconds);
    say(text, mood);
  }

  function finish({ outcome: name = '', statePreserved = false, exitCode, signal, message, usage }) {
    const short = name.replace('OUTCOME_', '');
    const detail = exitCode !== undefined ? ` with ${exitCode}` : signal !== undefined ? ` ${signal}` : '';
    end(`${outcomes[short] ?? short}${detail}`, short === 'OK' ? 'good' : 'bad', Number.parseFloat(usage?.wall ?? '0'));
    const isNews = message && message.toUpperCase() !== short;
    facts.textContent = `variables ${statePreserved ? 'kept' : 'lost'}${isNews ? ` · ${message}` : ''}`;
  }

  return {
    begin() {
      beganAt = performance.now();
      session.textContent = '';
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
        session.textContent = `session ${accepted.sessionId.slice(0, 8)}`;
        session.title = accepted.sessionId;
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

function timeText(seconds) {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}
