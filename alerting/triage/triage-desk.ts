import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import {
  type AnsweredTriage,
  deterministicName,
  type Findings,
  type Triage,
  type TriageStep,
} from '../../contracts/triage.ts';
import type { TriageBook } from '../../stores/triage-book.ts';
import type { Clock } from '../../streams/clock.ts';
import { findDeterministically } from '../deterministic/triage.ts';
import type { IncidentEvidence, TriageMaker, TriageOutcome } from '../triage.ts';
import { rowAnswer } from './evidence-text.ts';
import { type EvidenceSources, gatherEvidence } from './gather-evidence.ts';
import { strikeOut } from './strike-out.ts';

export interface TriageDeskDeps extends EvidenceSources {
  readonly book: Pick<TriageBook, 'get' | 'keep'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Null where no model may be asked. */
  readonly maker: TriageMaker | null;
}

const noTokens = { input: 0, output: 0, costUsd: null };
const noKey = {
  reason: 'no-key',
  message: 'No model may be asked: the platform has no key for one.',
} as const;

/** Triage of incidents for those who ask: `TriageDesk` of the query API says what it does. */
export function createTriageDesk(deps: TriageDeskDeps) {
  return {
    async read(scope: TenantScope, incidentId: string): Promise<AnsweredTriage | null> {
      const evidence = await gatherEvidence(deps, scope, incidentId);
      if (evidence === null) return null;
      const kept = await deps.book.get(scope, incidentId);
      if (kept === null) return answer(deps, scope, deterministic(deps, evidence), { evidence });
      return answer(deps, scope, kept, { evidence, cached: true });
    },
    ask: (scope: TenantScope, incidentId: string, signal: AbortSignal) =>
      ask(deps, scope, incidentId, signal),
  };
}

async function* ask(
  deps: TriageDeskDeps,
  scope: TenantScope,
  incidentId: string,
  signal: AbortSignal,
): AsyncGenerator<TriageStep> {
  const { book, maker } = deps;
  const evidence = await gatherEvidence(deps, scope, incidentId);
  if (evidence === null)
    throw new OpenFrameError('NOT_FOUND', `No incident has the id ${JSON.stringify(incidentId)}.`);
  if (maker === null) {
    yield last(await answer(deps, scope, deterministic(deps, evidence), { evidence, fallback: noKey }));
    return;
  }
  const kept = await book.get(scope, incidentId);
  if (kept?.evidenceHash === evidence.hash && kept.madeBy === maker.name) {
    yield last(await answer(deps, scope, kept, { evidence, cached: true }));
    return;
  }
  for await (const step of maker.make(scope, evidence, signal)) {
    if (step.kind === 'progress') yield step;
    else yield last(await concluded(deps, scope, evidence, { ...step, name: maker.name }));
  }
}

/** What the model made, where anything of it stands; else the deterministic triage, and why. */
async function concluded(
  deps: TriageDeskDeps,
  scope: TenantScope,
  evidence: IncidentEvidence,
  { outcome, name }: { readonly outcome: TriageOutcome; readonly name: string },
): Promise<AnsweredTriage> {
  if (outcome.kind === 'not-made') {
    const { reason, message } = outcome;
    return answer(deps, scope, deterministic(deps, evidence), { evidence, fallback: { reason, message } });
  }
  const { findings, tokens } = outcome;
  const made = triageOf(deps, evidence, { madeBy: name, findings, tokens });
  if (made.summary.length === 0 && made.hypotheses.length === 0 && findings.cannotBeTold === null) {
    const message = `Nothing that the model said rests on the evidence: ${made.struck} claims were struck out.`;
    const instead = { ...deterministic(deps, evidence), tokens };
    return answer(deps, scope, instead, { evidence, fallback: { reason: 'unfounded', message } });
  }
  await deps.book.keep(scope, made);
  return answer(deps, scope, made, { evidence });
}

function deterministic(deps: TriageDeskDeps, evidence: IncidentEvidence): Triage {
  const findings = findDeterministically(evidence);
  return triageOf(deps, evidence, { madeBy: deterministicName, findings, tokens: noTokens });
}

function triageOf(
  { clock }: TriageDeskDeps,
  { incidentId, rows, leftOut, hash }: IncidentEvidence,
  { findings, ...rest }: Pick<Triage, 'madeBy' | 'tokens'> & { readonly findings: Findings },
): Triage {
  return {
    ...{ incidentId, madeAtMs: clock.nowMs(), ...rest },
    ...strikeOut(findings, new Set(rows.map(({ id }) => id))),
    ...{ evidence: rows.map(rowAnswer), leftOut, evidenceHash: hash },
  };
}

interface Told {
  readonly evidence: IncidentEvidence;
  readonly cached?: boolean;
  readonly fallback?: AnsweredTriage['fallback'];
}

async function answer(
  { maker }: TriageDeskDeps,
  scope: TenantScope,
  triage: Triage,
  { evidence, cached = false, fallback = null }: Told,
): Promise<AnsweredTriage> {
  const model = maker === null ? null : { name: maker.name, tokensLeft: await maker.tokensLeft(scope) };
  return { ...triage, current: triage.evidenceHash === evidence.hash, cached, fallback, model };
}

function last(triage: AnsweredTriage): TriageStep {
  return { kind: 'triage', triage };
}
