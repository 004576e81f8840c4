import type { Claim, Findings } from '../../contracts/triage.ts';
import { plainLine } from './plain-line.ts';

const mostClaims = 8;
const mostHypotheses = 5;
const claimLength = 400;
const mostCited = 20;

/** Findings of which every claim cites given rows, and how many claims were taken out. */
export interface FoundedFindings extends Findings {
  readonly struck: number;
}

/**
 * Takes out every claim that cites nothing, or cites anything that is not among `given`; a hypothesis without a claim
 * goes, and so does a next check without evidence. What is left is plain text of bounded length and number.
 */
export function strikeOut(findings: Findings, given: ReadonlySet<string>): FoundedFindings {
  let struck = 0;
  const founded = ({ text, evidence }: Claim): Claim[] => {
    const cited = [...new Set(evidence)];
    const line = plainLine(text, claimLength);
    if (line !== '' && cited.length > 0 && cited.every((id) => given.has(id)))
      return [{ text: line, evidence: cited.slice(0, mostCited) }];
    struck++;
    return [];
  };
  const summary = findings.summary.flatMap(founded).slice(0, mostClaims);
  const hypotheses = findings.hypotheses
    .map(({ cause, likelihood, because }) => ({
      ...{ cause: plainLine(cause, claimLength), likelihood },
      because: because.flatMap(founded).slice(0, mostClaims),
    }))
    .filter(({ cause, because }) => cause !== '' && because.length > 0)
    .slice(0, mostHypotheses);
  const nextCheck = findings.nextCheck === null ? null : (founded(findings.nextCheck)[0] ?? null);
  return { summary, hypotheses, nextCheck, cannotBeTold: whyNot(findings, hypotheses.length), struck };
}

/** Where no hypothesis stands the cause cannot be told, whether or not it was said so. */
function whyNot({ cannotBeTold, hypotheses }: Findings, left: number): string | null {
  if (cannotBeTold !== null) return plainLine(cannotBeTold, claimLength) || 'No reason was given.';
  if (left > 0) return null;
  return hypotheses.length > 0
    ? 'Nothing that was said of the cause rests on the evidence.'
    : 'No cause was named.';
}
