/** Streams of text, cut into the pieces that they are made of. */

/** One for each line. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const line of split(chunks, '\n')) if (line !== '') yield line;
}

/** The data of each server-sent event; its id must be the number that the data names. */
export async function* splitEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const block of split(chunks, '\n\n')) {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    const data = fields.get('data');
    if (data === undefined) throw new Error(`an event without data: ${block}`);
    const { seq } = JSON.parse(data) as { seq?: number };
    if (seq !== undefined && seq > 0 && fields.get('id') !== String(seq)) throw new Error(`id is not seq: ${block}`);
    yield data;
  }
}

async function* split(chunks: AsyncIterable<Uint8Array>, end: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(end);
    rest = parts.pop() as string;
    yield* parts;
  }
  if (rest !== '') throw new Error(`the stream was cut: ${rest}`);
}
