import { type ByteBlock, constantBlock } from '../streams/byte-block.ts';
import { MemberWalk } from '../streams/member-walk.ts';
import type { ByteRange, Field, RecordView } from '../streams/record.ts';
import { deadLetter, emit, type Outcome, type Stage } from '../streams/stage.ts';

interface Wanted {
  readonly name: ByteBlock;
  /** How the member begins where it is a text: `"name":"`. */
  readonly opening: ByteBlock;
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
        opening: constantBlock(Buffer.from(`${JSON.stringify(name)}:"`)),
        field: field(name),
        missing: deadLetter(`MEMBER_MISSING: ${name}`),
      }));
      const walk = new MemberWalk();
      return {
        process(record) {
          const range = record.range(source);
          if (!walk.open(range, range.start, range.end)) return notObject;
          const inOrder = takeInOrder(record, range, walk, wanted);
          let left = wanted.length - inOrder;
          while (left > 0 && walk.next()) if (walk.isText && take(record, range, walk, wanted)) left--;
          if (left === 0) return emit;
          return wanted.find(({ field: each }) => !record.has(each))?.missing ?? notObject;
        },
      };
    },
  };
}

/** Events mostly begin with their identity, in the order it is asked for: how many members were found so. */
function takeInOrder(record: RecordView, range: ByteRange, walk: MemberWalk, wanted: readonly Wanted[]) {
  let found = 0;
  for (const { opening, field } of wanted) {
    if (!walk.nextText(opening)) break;
    give(record, field, range, walk);
    found++;
  }
  return found;
}

/** True where the member is one that was wanted, and not found before. */
function take(record: RecordView, range: ByteRange, walk: MemberWalk, wanted: readonly Wanted[]): boolean {
  for (const { name, field } of wanted) {
    if (!walk.isNamed(name)) continue;
    if (record.has(field)) return false;
    give(record, field, range, walk);
    return true;
  }
  return false;
}

function give(
  record: RecordView,
  field: Field,
  range: ByteRange,
  { valueStart, valueEnd, isEscaped }: MemberWalk,
) {
  if (isEscaped) record.set(field, unescaped(range.bytes.toString('utf8', valueStart, valueEnd)));
  else record.setSpan(field, valueStart - range.start, valueEnd - range.start);
}

function unescaped(text: string): string {
  return String(JSON.parse(`"${text}"`));
}
