/** `list`: the original's name for `runtime list`. */
export { defineList as define } from './runtime.ts';
