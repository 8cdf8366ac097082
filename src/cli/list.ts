/** `list`: the original's name for `runtime list`. */
import type { Command } from 'commander';
import { defineList } from './runtime.ts';

/** Defines it. */
export function define(command: Command): void {
  defineList(command);
}
