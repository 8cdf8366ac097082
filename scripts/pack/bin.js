#!/usr/bin/env node
// The command of the published form. Runs on any Node: an older one could not even read what it should say.
const needed = 24;
const version = process.versions.node;
if (Number.parseInt(version, 10) < needed) {
  console.error(`beep-python: this is Node ${version}, and Node ${needed} or newer is needed: https://nodejs.org`);
  process.exitCode = 1;
} else {
  await import('./dist/main.js');
}
