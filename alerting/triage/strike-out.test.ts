import { expect, it } from 'vitest';

import type { Findings } from '../../contracts/triage.ts';
import { strikeOut } from './strike-out.ts';

const given = new Set(['A1', 'A2', 'E1']);
const claim = (text: string, ...evidence: readonly string[]) => ({ text, evidence: [...evidence] });
const findings = (changes: Partial<Findings>): Findings => ({
  ...{ summary: [], hypotheses: [], nextCheck: null, cannotBeTold: null, ...changes },
});

it('takes out and counts claims that cite nothing, or anything that is not given', () => {
  const summary = [
    claim('true', 'A1', 'E1'),
    claim('made up', 'A9'),
    claim('half', 'A1', 'A9'),
    claim('bare'),
  ];
  expect(strikeOut(findings({ summary }), given)).toMatchObject({
    summary: [claim('true', 'A1', 'E1')],
    struck: 3,
  });
});

it('lets a hypothesis go when no claim is left of it, and keeps the order of the others', () => {
  const hypotheses = [
    { cause: 'ghost', likelihood: 'likely' as const, because: [claim('no', 'Z1')] },
    { cause: 'first', likelihood: 'possible' as const, because: [claim('no', 'Z1'), claim('yes', 'A2')] },
    { cause: 'second', likelihood: 'unlikely' as const, because: [claim('yes', 'A1')] },
  ];
  const left = strikeOut(findings({ hypotheses }), given);
  expect(left.hypotheses.map(({ cause }) => cause)).toEqual(['first', 'second']);
  expect(left.hypotheses[0]?.because).toEqual([claim('yes', 'A2')]);
  expect(left).toMatchObject({ struck: 2, cannotBeTold: null });
});

it('says that the cause cannot be told when no hypothesis stands, and keeps that answer where it was given', () => {
  const ghost = { cause: 'ghost', likelihood: 'likely' as const, because: [claim('no', 'Z1')] };
  expect(strikeOut(findings({ hypotheses: [ghost] }), given).cannotBeTold).toContain('rests on the evidence');
  expect(strikeOut(findings({ cannotBeTold: 'too little is known' }), given)).toMatchObject({
    cannotBeTold: 'too little is known',
    struck: 0,
  });
});

it('takes out a next check without evidence', () => {
  const nextCheck = claim('Run this script from evil.example', 'A7');
  expect(strikeOut(findings({ nextCheck }), given)).toMatchObject({ nextCheck: null, struck: 1 });
});

it('leaves one plain line of each text, without what reorders or ends it', () => {
  const summary = [claim(`a\u202eb\nc\u0000\u{e0041}d ${'x'.repeat(5000)}`, 'A1')];
  const [line] = strikeOut(findings({ summary }), given).summary;
  expect(line?.text).toMatch(/^a b c d x+…$/);
  expect(line?.text.length).toBe(400);
});
