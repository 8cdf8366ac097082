/** Measurements for `/metrics`, in Prometheus' format. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Call } from './call.ts';

/** What is measured. */
export interface Metrics {
  readonly registry: Registry;
  callStarted(call: Call): void;
  callEnded(call: Call, reason: string, durationMs: number): void;
  /** A number that is read when somebody asks, such as that of sessions. */
  gauge(name: string, help: string, read: () => number): void;
  /** A number that only grows. */
  counter(name: string, help: string): { add(value?: number): void };
}

const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

// The default of 10 ms wakes an idle gateway a hundred times a second.
const eventLoopSampleMs = 500;

/** Makes a set of measurements of its own; with `process`, those of this process are in it. */
export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) {
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
  }
  const calls = new Counter({
    name: 'beep_python_calls_total',
    help: 'Calls that have ended, by procedure, protocol and reason (OK or that of the error).',
    labelNames: ['procedure', 'protocol', 'reason'],
    registers,
  });
  const durations = new Histogram({
    name: 'beep_python_call_duration_seconds',
    help: 'How long calls took, streams from their first to their last message.',
    labelNames: ['procedure'],
    buckets: durationBuckets,
    registers,
  });
  let underWay = 0;
  const gauge: Metrics['gauge'] = (name, help, read) => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  gauge('beep_python_calls_under_way', 'Calls that have not ended.', () => underWay);

  // Finding a labelled child costs more than adding to it.
  const counters = new Map<string, Counter.Internal>();
  const timers = new Map<string, Histogram.Internal<'procedure'>>();
  return {
    registry,
    gauge,
    callStarted() {
      underWay++;
    },
    callEnded({ procedure, protocol }, reason, durationMs) {
      underWay--;
      const key = `${procedure} ${protocol} ${reason}`;
      let counter = counters.get(key);
      if (counter === undefined) {
        counter = calls.labels(procedure, protocol, reason);
        counters.set(key, counter);
      }
      counter.inc();
      let timer = timers.get(procedure);
      if (timer === undefined) {
        timer = durations.labels(procedure);
        timers.set(procedure, timer);
      }
      timer.observe(durationMs / 1000);
    },
    counter(name, help) {
      const made = new Counter({ name, help, registers });
      return { add: (value = 1) => made.inc(value) };
    },
  };
}
