import { useState } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import { Field, TextField } from '../settings/field.tsx';
import { SettingDialog } from '../settings/setting-dialog.tsx';
import type { SettingDeeds } from '../settings/use-setting.ts';
import { RepeatFields } from './repeat-fields.tsx';
import { useWindowPreview } from './use-windows.ts';
import { type WindowForm, windowOfForm, type WindowPartProps } from './window-form-state.ts';
import { WindowTimes } from './window-times.tsx';

interface WindowDialogProps {
  readonly start: WindowForm;
  readonly deeds: SettingDeeds;
  readonly onClose: () => void;
}

/** Plans a window or changes one, and shows when it would be before it is kept. */
export function WindowDialog({ start, deeds, onClose }: WindowDialogProps): React.ReactNode {
  const [form, setForm] = useState(start);
  const change = (changes: Partial<WindowForm>): void => setForm((before) => ({ ...before, ...changes }));
  const window = windowOfForm(form);
  return (
    <SettingDialog
      title={start.windowId === null ? 'Plan a window' : `Change ${start.title}`}
      deeds={deeds}
      onSave={() => deeds.act('/windows', window, `${form.title.trim()} is planned.`)}
      onClose={onClose}
    >
      <TextField label="Title" required value={form.title} onChange={(title) => change({ title })} />
      <WhenFields form={form} change={change} />
      <RepeatFields form={form} change={change} />
      <ScopeFields form={form} change={change} />
      <Preview window={window} named={form.title.trim() !== ''} />
    </SettingDialog>
  );
}

const zones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

function WhenFields({ form, change }: WindowPartProps): React.ReactNode {
  return (
    <>
      <div className="field-pair">
        <Field label="Begins">
          {(ids) => (
            <input
              {...ids}
              type="datetime-local"
              required
              value={form.start}
              onChange={({ target }) => change({ start: target.value })}
            />
          )}
        </Field>
        <Field label="Minutes">
          {(ids) => (
            <input
              {...ids}
              type="number"
              required
              min={1}
              max={10_080}
              value={form.minutes}
              onChange={({ target }) => change({ minutes: target.value })}
            />
          )}
        </Field>
      </div>
      <Field label="Time zone" hint="It begins at this hour of the clocks there, in summer as in winter.">
        {(ids) => (
          <select
            {...ids}
            value={form.timeZone}
            onChange={({ target }) => change({ timeZone: target.value })}
          >
            {zones.includes(form.timeZone) ? null : <option>{form.timeZone}</option>}
            {zones.map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}

function ScopeFields({ form, change }: WindowPartProps): React.ReactNode {
  const scopes = [
    ['deviceIds', 'Devices', 'Ids with commas. What is given in several fields must all hold.'],
    ['organizationIds', 'Sites or organizations', 'Ids with commas.'],
    ['ruleIds', 'Checks', 'Ids of rules with commas. Nothing in any field: the window is of everything.'],
  ] as const;
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

function Preview({ window, named }: { readonly window: object; readonly named: boolean }): React.ReactNode {
  // A title that is still to come is no fault of the times.
  const { data, error } = useWindowPreview(named ? window : { ...window, windowId: 'x', title: 'x' });
  return (
    <section className="preview" aria-label="When it would be" aria-live="polite">
      <h3>When it would be</h3>
      {error !== null ? <p className="bad-text">{messageOf(error)}</p> : null}
      {data === undefined ? null : <WindowTimes times={data.times} />}
    </section>
  );
}
