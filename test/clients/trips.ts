/** Batches, counted as they are sent. */
import type { Stage } from './stage.ts';

/** How many batches were sent meanwhile. */
export async function tripsOf({ python }: Stage, work: () => Promise<unknown>): Promise<number> {
  const { objects } = python.services;
  const { apply } = objects;
  let trips = 0;
  objects.apply = (...args) => {
    trips++;
    return apply(...args);
  };
  try {
    await work();
    return trips;
  } finally {
    objects.apply = apply;
  }
}
