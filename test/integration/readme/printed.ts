/** Whether something printed is what a file says: there, `…` stands for what was left out. */

/** A line that is only `…` stands for any number of lines, elsewhere it stands for a part of its line. */
export function isPrinted(printed: string, expected: string): boolean {
  const pattern = expected
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${linePattern(line)}\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${printed.trim()}\n`);
}

/** Printers of protobuf JSON differ in their white space. */
function linePattern(line: string): string {
  return line
    .trim()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, ' +'))
    .join('.*?')
    .replace(/^/, ' *');
}
