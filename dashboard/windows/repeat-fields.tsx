import { Field, TextField } from '../settings/field.tsx';
import { positionWords, type Repeat, repeats, weekdays, type WindowPartProps } from './window-form-state.ts';

const repeatWords: Readonly<Record<Repeat, string>> = {
  once: 'Once',
  daily: 'Every day',
  weekly: 'Every week on …',
  monthly: 'Every month on the …',
  other: 'By an RRULE',
};
const dayWords: Readonly<Record<string, string>> = {
  ...{ MO: 'Monday', TU: 'Tuesday', WE: 'Wednesday', TH: 'Thursday' },
  ...{ FR: 'Friday', SA: 'Saturday', SU: 'Sunday' },
};

/** How a window recurs. */
export function RepeatFields({ form, change }: WindowPartProps): React.ReactNode {
  return (
    <>
      <Field label="Repeats">
        {(ids) => (
          <select
            {...ids}
            value={form.repeat}
            onChange={({ target }) => {
              const repeat = repeats.find((known) => known === target.value) ?? 'once';
              const days = form.days.length === 0 ? ['TU'] : form.days;
              change({ repeat, days });
            }}
          >
            {repeats.map((repeat) => (
              <option key={repeat} value={repeat}>
                {repeatWords[repeat]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {form.repeat === 'weekly' ? <Weekdays form={form} change={change} /> : null}
      {form.repeat === 'monthly' ? <DayOfMonth form={form} change={change} /> : null}
      {form.repeat === 'other' ? (
        <TextField
          label="RRULE"
          hint="RFC 5545, of days, weeks, months or years: FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"
          code
          value={form.rrule}
          onChange={(rrule) => change({ rrule })}
        />
      ) : null}
    </>
  );
}

function Weekdays({ form: { days }, change }: WindowPartProps): React.ReactNode {
  return (
    <fieldset className="weekdays">
      <legend>On</legend>
      {weekdays.map((day) => (
        <label key={day}>
          <input
            type="checkbox"
            checked={days.includes(day)}
            onChange={({ target }) =>
              change({ days: target.checked ? [...days, day] : days.filter((one) => one !== day) })
            }
          />{' '}
          {dayWords[day]}
        </label>
      ))}
    </fieldset>
  );
}

function DayOfMonth({ form: { days, position }, change }: WindowPartProps): React.ReactNode {
  return (
    <div className="field-pair">
      <Field label="Which">
        {(ids) => (
          <select {...ids} value={position} onChange={({ target }) => change({ position: target.value })}>
            {['1', '2', '3', '4', '-1'].map((value) => (
              <option key={value} value={value}>
                {positionWords[value]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Day">
        {(ids) => (
          <select {...ids} value={days[0]} onChange={({ target }) => change({ days: [target.value] })}>
            {weekdays.map((day) => (
              <option key={day} value={day}>
                {dayWords[day]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}
