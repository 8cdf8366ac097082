#!/usr/bin/env node
// The way in: `npm start` and `npm test` come through here, on whatever Node there is and before anything is installed.
// Plain JavaScript without dependencies. Sets up what is missing, then hands over to the Node that the program is built for.
const major = Number(process.versions.node.split('.')[0]);

if (major < 20) {
  console.error(
    `beep-python needs Node 20 or newer to begin with: this is Node ${process.versions.node}; install a newer one.`,
  );
  process.exit(1);
}

// Imported only now, so that an old Node says the sentence above and not a syntax error.
import('./setup/enter-command.js').then(({ enterCommand }) => enterCommand(process.argv.slice(2)));
