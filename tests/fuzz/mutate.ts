import type { Random } from '../../streams/random.ts';

/** What members of a row may turn into: each the start of a defect somewhere. */
const hostile: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  1e17,
  '',
  ' ',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  "'; DROP TABLE events; --",
  '=cmd|calc',
  'x'.repeat(5000),
  '{"a":',
  '[]',
  [],
  {},
  [[[[[[]]]]]],
  { __proto__: { tenantId: 'evil' } },
  '2026-99-99T99:99:99Z',
  '9999-12-31T23:59:59Z',
  1e16,
];

/** The bytes changed at one to eight places: flipped, removed, repeated, cut, or put in from elsewhere. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let out = Buffer.from(bytes);
  const times = 1 + random.below(8);
  for (let i = 0; i < times && out.length > 0; i++) {
    const at = random.below(out.length);
    const end = Math.min(out.length, at + 1 + random.below(16));
    switch (random.below(5)) {
      case 0:
        out[at] = random.below(256);
        break;
      case 1:
        out = Buffer.concat([out.subarray(0, at), out.subarray(end)]);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, end), out.subarray(at)]);
        break;
      case 3:
        out = out.subarray(0, at);
        break;
      default:
        out = Buffer.concat([
          out.subarray(0, at),
          Buffer.from(JSON.stringify(hostile[random.below(hostile.length)])),
          out.subarray(end),
        ]);
    }
  }
  return out;
}

/** The value with one to four of its members, at any depth, removed or replaced by something hostile. */
export function mutateValue(value: unknown, random: Random): unknown {
  let out = structuredClone(value);
  for (let i = 1 + random.below(4); i > 0; i--) out = mutateOne(out, random);
  return out;
}

function mutateOne(value: unknown, random: Random): unknown {
  if (typeof value === 'string' && value.startsWith('{') && random.below(2) === 0)
    return inText(value, random);
  if (typeof value !== 'object' || value === null || random.below(20) === 0)
    return hostile[random.below(hostile.length)];
  const members = Object.entries(value);
  if (members.length === 0) return hostile[random.below(hostile.length)];
  const chosen = random.below(members.length);
  const changed = members.flatMap(([name, member], i): [string, unknown][] => {
    if (i !== chosen) return [[name, member]];
    return random.below(6) === 0 ? [] : [[name, mutateOne(member, random)]];
  });
  return Array.isArray(value) ? changed.map(([, member]) => member) : Object.fromEntries(changed);
}

/** JSON in a string is changed inside. */
function inText(text: string, random: Random): string {
  try {
    return JSON.stringify(mutateOne(JSON.parse(text), random)) ?? '';
  } catch {
    return text;
  }
}
