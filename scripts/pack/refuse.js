// `npm pack` would take the folder as it is, which does not run elsewhere: what is published is compiled.
console.error('beep-python: the package is made by: npm run package');
process.exit(1);
