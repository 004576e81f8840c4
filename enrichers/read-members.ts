import { type ByteBlock, constantBlock } from '../streams/byte-block.ts';
import { MemberWalk } from '../streams/member-walk.ts';
import type { ByteRange, Field, RecordView } from '../streams/record.ts';
import { deadLetter, emit, type Outcome, type Stage } from '../streams/stage.ts';

interface Wanted {
  readonly name: ByteBlock;
  readonly field: Field;
  readonly missing: Outcome;
}

const notObject = deadLetter('NOT_AN_OBJECT');

/**
 * Gives members of the JSON object that is the record's value as fields, for sources whose events carry their
 * identity in the JSON: texts alone, found in place, without a parse. It reads no further than the last of them, so
 * whether the rest is JSON is for whoever lets events in to check. Of a name that comes twice the first counts. A
 * record that is no object, or lacks one of the members as a text, goes to the dead letters.
 */
export function readMembers(value: string, names: readonly string[]): Stage {
  return {
    name: 'read-members',
    reads: [value],
    adds: names.map((name) => ({ name, kind: 'text' })),
    open: ({ field }) => {
      const source = field(value);
      const wanted = names.map((name): Wanted => ({
        name: constantBlock(Buffer.from(name)),
        field: field(name),
        missing: deadLetter(`MEMBER_MISSING: ${name}`),
      }));
      const walk = new MemberWalk();
      return {
        process(record) {
          const range = record.range(source);
          if (!walk.open(range, range.start, range.end)) return notObject;
          let left = wanted.length;
          while (left > 0 && walk.next()) if (walk.isText && take(record, range, walk, wanted)) left--;
          if (left === 0) return emit;
          return wanted.find(({ field: each }) => !record.has(each))?.missing ?? notObject;
        },
      };
    },
  };
}

/** True where the member is one that was wanted, and not found before. */
function take(record: RecordView, range: ByteRange, walk: MemberWalk, wanted: readonly Wanted[]): boolean {
  for (const { name, field } of wanted) {
    if (!walk.isNamed(name)) continue;
    if (record.has(field)) return false;
    const { valueStart, valueEnd } = walk;
    if (walk.isEscaped) record.set(field, unescaped(range.bytes.toString('utf8', valueStart, valueEnd)));
    else record.setSpan(field, valueStart - range.start, valueEnd - range.start);
    return true;
  }
  return false;
}

function unescaped(text: string): string {
  return String(JSON.parse(`"${text}"`));
}
