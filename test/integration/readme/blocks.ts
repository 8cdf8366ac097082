/** The code blocks of a Markdown file. */

/** One fenced block. */
export interface Block {
  /** What stands behind the fence, such as `sh`. */
  readonly language: string;
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** A command and what it prints, where the file says so. */
export interface Transcript {
  readonly command: Block;
  readonly output: Block | undefined;
}

/** All blocks, in their order. */
export function blocksOf(markdown: string): Block[] {
  const fences = /^```(\w*)\n([\s\S]*?)^```$/gm;
  return [...markdown.matchAll(fences)].map((match) => ({
    language: match[1] as string,
    text: match[2] as string,
    line: markdown.slice(0, match.index).split('\n').length + 1,
  }));
}

/** The blocks for a shell, each with the block of text that follows it. */
export function transcriptsOf(markdown: string): Transcript[] {
  const blocks = blocksOf(markdown);
  return blocks.flatMap((command, index) => {
    if (command.language !== 'sh') return [];
    const next = blocks[index + 1];
    return [{ command, output: next?.language === 'text' ? next : undefined }];
  });
}
