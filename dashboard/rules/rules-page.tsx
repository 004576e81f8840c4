import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { alertRuleSchema, type KeptRule } from '../../contracts/alert-rule.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { Page } from '../api/answers.ts';
import { useApp, useSession } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { Toast } from '../blanks/toast.tsx';
import { severityLabels } from '../events/severity-filter.tsx';
import { SeverityMark } from '../events/severity-mark.tsx';
import '../settings/settings.css';
import { type SettingDeeds, useSettingDeeds } from '../settings/use-setting.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { formOfRule, newRuleForm, type RuleForm } from './rule-form-state.ts';

const authors: readonly Role[] = ['operator', 'admin'];
type ListedRule = Omit<KeptRule, 'changedAtMs'> & { readonly changedAt: string | null };

/** The rules of detection: what is in force, and what a change would have done. */
export function RulesPage(): React.ReactNode {
  const { api } = useApp();
  const { role } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: ['/rules'],
    queryFn: ({ signal }) => api.get<Page<ListedRule>>('/rules', {}, signal),
  });
  const deeds = useSettingDeeds('/rules');
  const [form, setForm] = useState<RuleForm | null>(null);
  const mayChange = authors.includes(role);
  const open = (next: RuleForm): void => {
    deeds.forget();
    setForm(next);
  };
  return (
    <main className="page">
      <h1 className="visually-hidden">Rules</h1>
      <section className="panel" aria-labelledby="rules-title">
        <header className="panel-head">
          <h2 id="rules-title">Rules of detection</h2>
          <span className="spring" />
          {mayChange ? (
            <button type="button" className="button button-primary" onClick={() => open(newRuleForm)}>
              New rule
            </button>
          ) : (
            <span className="quiet">Operators and administrators change them.</span>
          )}
        </header>
        {data === undefined && error !== null ? (
          <Failed what="the rules" error={error} onRetry={() => void refetch()} />
        ) : null}
        {data === undefined && error === null ? <Skeleton rows={6} rowHeight={60} /> : null}
        <ul className="setting-list">
          {(data?.items ?? []).map((rule) => (
            <RuleRow key={rule.ruleId} rule={rule}>
              {mayChange ? <RowDeeds rule={rule} deeds={deeds} onEdit={open} /> : null}
            </RuleRow>
          ))}
        </ul>
      </section>
      {form === null ? null : <RuleDialog start={form} deeds={deeds} onClose={() => setForm(null)} />}
      <Toast note={deeds.note} forget={deeds.forget} undo={deeds.note?.undo ?? null} />
    </main>
  );
}

interface RuleRowProps {
  readonly rule: ListedRule;
  readonly children: React.ReactNode;
}

function RuleRow({ rule, children }: RuleRowProps): React.ReactNode {
  const { ruleId, title, severity, enabled, version, origin, detect, organizationIds, deviceIds } = rule;
  const of = [...(deviceIds ?? []), ...(organizationIds ?? [])].join(', ');
  return (
    <li className="setting-row">
      <div className="setting-what">
        <span>
          <SeverityMark severity={severity} />{' '}
          <span className="visually-hidden">{severityLabels[severity]}: </span>
          <strong>{title}</strong>
          {enabled ? null : <span className="quiet">, switched off</span>}
        </span>
        <span className="quiet">
          {detect.kind} <code>{ruleId}</code>, version {version}
          {origin === 'default' ? ', as it comes' : ''}
          {of === '' ? '' : `, of ${of}`}
        </span>
      </div>
      <div className="setting-deeds">{children}</div>
    </li>
  );
}

interface RowDeedsProps {
  readonly rule: ListedRule;
  readonly deeds: SettingDeeds;
  readonly onEdit: (form: RuleForm) => void;
}

function RowDeeds({ rule, deeds, onEdit }: RowDeedsProps): React.ReactNode {
  const { ruleId, title, origin } = rule;
  const body = bodyOf(rule);
  const remove = `/rules/${encodeURIComponent(ruleId)}/remove`;
  return (
    <>
      <button
        type="button"
        className="button button-small"
        aria-label={`Change ${title}`}
        onClick={() => onEdit(formOfRule(body))}
      >
        Change
      </button>
      {origin === 'default' ? null : (
        <button
          type="button"
          className="button button-small"
          aria-label={`Delete ${title}`}
          onClick={() =>
            void deeds.act(remove, {}, `${title} is deleted.`, {
              path: '/rules',
              body,
              done: `${title} is in force again.`,
            })
          }
        >
          Delete
        </button>
      )}
    </>
  );
}

/** The rule as somebody writes it. */
function bodyOf({ version: _v, origin: _o, changedAt: _at, changedBy: _by, ...rule }: ListedRule) {
  return alertRuleSchema.parse(rule);
}
