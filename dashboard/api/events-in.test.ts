import { expect, it } from 'vitest';

import { eventsIn } from './events-in.ts';

it.each([1, 3, 1000])('reads events in chunks of %i bytes, and leaves comments out', async (size) => {
  const text =
    'event: progress\ndata: {"n":1}\n\n: still here\n\nevent: triage\ndata: "ü\\n"\n\nevent: cut\nda';
  const bytes = new TextEncoder().encode(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const found = [];
  for await (const one of eventsIn(body)) found.push(one);
  expect(found).toEqual([
    { event: 'progress', data: { n: 1 } },
    { event: 'triage', data: 'ü\n' },
  ]);
});
