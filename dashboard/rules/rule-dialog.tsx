import { useState } from 'react';

import { Field, TextField } from '../settings/field.tsx';
import { SettingDialog } from '../settings/setting-dialog.tsx';
import type { SettingDeeds } from '../settings/use-setting.ts';
import { examples, type RuleForm, ruleOfForm } from './rule-form-state.ts';
import { Trial } from './rule-trial.tsx';

interface RuleDialogProps {
  readonly start: RuleForm;
  readonly deeds: SettingDeeds;
  readonly onClose: () => void;
}

/** Makes a rule or changes one, and tries it on what is stored before it is in force. */
export function RuleDialog({ start, deeds, onClose }: RuleDialogProps): React.ReactNode {
  const [form, setForm] = useState(start);
  const change = (changes: Partial<RuleForm>): void => setForm((before) => ({ ...before, ...changes }));
  const said = ruleOfForm(form);
  const rule = 'rule' in said ? said.rule : null;
  const fault = 'fault' in said && form.title.trim() !== '' ? said.fault : null;
  const save = async (): Promise<boolean> =>
    rule !== null && (await deeds.act('/rules', rule, `${rule.title} is in force within 5 s.`));
  return (
    <SettingDialog
      title={start.ruleId === null ? 'New rule' : `Change ${start.title}`}
      deeds={deeds}
      fault={fault}
      savable={rule !== null}
      onSave={save}
      onClose={onClose}
    >
      <AboutFields form={form} change={change} />
      <DetectFields form={form} change={change} />
      <Trial rule={rule} />
    </SettingDialog>
  );
}

interface PartProps {
  readonly form: RuleForm;
  readonly change: (changes: Partial<RuleForm>) => void;
}

function AboutFields({ form, change }: PartProps): React.ReactNode {
  return (
    <>
      <TextField
        label="Title"
        hint="What is wrong when it fires: the first words of the alert."
        required
        value={form.title}
        onChange={(title) => change({ title })}
      />
      <div className="field-pair">
        <Field label="Severity">
          {(ids) => (
            <select
              {...ids}
              value={form.severity}
              onChange={({ target }) => change({ severity: target.value })}
            >
              <option value="WARNING">Warning</option>
              <option value="ERROR">Error</option>
              <option value="CRITICAL">Critical</option>
            </select>
          )}
        </Field>
        <Field label="In force">
          {(ids) => (
            <select
              {...ids}
              value={form.enabled ? 'yes' : 'no'}
              onChange={({ target }) => change({ enabled: target.value === 'yes' })}
            >
              <option value="yes">Yes</option>
              <option value="no">No, switched off</option>
            </select>
          )}
        </Field>
      </div>
      <ScopeFields form={form} change={change} />
    </>
  );
}

const scopes = [
  ['deviceIds', 'Devices', 'Ids with commas; nothing: all.'],
  ['organizationIds', 'Organizations', 'Ids with commas; nothing: all.'],
] as const;

function ScopeFields({ form, change }: PartProps): React.ReactNode {
  return scopes.map(([name, label, hint]) => (
    <TextField
      key={name}
      label={label}
      hint={hint}
      value={form[name]}
      onChange={(text) => change({ [name]: text })}
    />
  ));
}

function DetectFields({ form, change }: PartProps): React.ReactNode {
  return (
    <>
      <Field label="Begin with">
        {(ids) => (
          <select
            {...ids}
            value=""
            onChange={({ target }) => {
              const example = Object.entries(examples).find(([kind]) => kind === target.value);
              if (example !== undefined) change({ detect: JSON.stringify(example[1], null, 2) });
            }}
          >
            <option value="">an example of a kind…</option>
            {Object.keys(examples).map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="What it looks for" hint="JSON, as docs/detection.md has it. Times are milliseconds.">
        {(ids) => (
          <textarea
            {...ids}
            className="code"
            rows={9}
            spellCheck={false}
            value={form.detect}
            onChange={({ target }) => change({ detect: target.value })}
          />
        )}
      </Field>
    </>
  );
}
