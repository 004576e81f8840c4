import type { MaintenanceWindow } from '../../contracts/maintenance-window.ts';
import { idOf, listOf, textOfList } from '../settings/field.tsx';

export const repeats = ['once', 'daily', 'weekly', 'monthly', 'other'] as const;
export type Repeat = (typeof repeats)[number];

export const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const positions = ['1', '2', '3', '4', '-1'] as const;
export const positionWords: Readonly<Record<string, string>> = {
  ...{ '1': 'first', '2': 'second', '3': 'third', '4': 'fourth', '-1': 'last' },
};

/** The form as it stands: texts, whatever a person has typed. */
export interface WindowForm {
  /** Of the window that is changed; null for a new one. */
  readonly windowId: string | null;
  readonly title: string;
  readonly start: string;
  readonly timeZone: string;
  readonly minutes: string;
  readonly repeat: Repeat;
  readonly days: readonly string[];
  readonly position: string;
  readonly rrule: string;
  readonly deviceIds: string;
  readonly organizationIds: string;
  readonly ruleIds: string;
}

/** What a part of the form is given. */
export interface WindowPartProps {
  readonly form: WindowForm;
  readonly change: (changes: Partial<WindowForm>) => void;
}

/** A new window: tonight at ten, for two hours, once. */
export function newWindowForm(nowMs: number, timeZone: string): WindowForm {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(nowMs);
  return {
    ...{ windowId: null, title: '', start: `${today}T22:00`, timeZone, minutes: '120' },
    ...{
      repeat: 'once',
      days: [],
      position: '1',
      rrule: '',
      deviceIds: '',
      organizationIds: '',
      ruleIds: '',
    },
  };
}

export function formOfWindow(window: MaintenanceWindow): WindowForm {
  const { windowId, title, start, timeZone, durationMs, recurrence } = window;
  return {
    ...{ windowId, title, start: start.slice(0, 16), timeZone, minutes: String(durationMs / 60_000) },
    ...repeatOf(recurrence),
    deviceIds: textOfList(window.deviceIds),
    organizationIds: textOfList(window.organizationIds),
    ruleIds: textOfList(window.ruleIds),
  };
}

/** What the form says, for the server to check. */
export function windowOfForm(form: WindowForm) {
  const recurrence = recurrenceOf(form);
  const scope = {
    deviceIds: listOf(form.deviceIds),
    organizationIds: listOf(form.organizationIds),
    ruleIds: listOf(form.ruleIds),
  };
  return {
    windowId: form.windowId ?? idOf(form.title),
    title: form.title,
    start: form.start.length === 16 ? `${form.start}:00` : form.start,
    timeZone: form.timeZone,
    durationMs: Math.round(Number(form.minutes) * 60_000),
    ...(recurrence === '' ? {} : { recurrence }),
    ...Object.fromEntries(Object.entries(scope).filter(([, ids]) => ids !== undefined)),
  };
}

type Repeating = Pick<WindowForm, 'repeat' | 'days' | 'position' | 'rrule'>;

function repeatOf(recurrence: string | undefined): Repeating {
  const of = { days: [], position: '1', rrule: recurrence ?? '' };
  if (recurrence === undefined) return { ...of, repeat: 'once' };
  if (recurrence === 'FREQ=DAILY') return { ...of, repeat: 'daily' };
  const weekly = /^FREQ=WEEKLY;BYDAY=([A-Z,]+)$/.exec(recurrence);
  if (weekly !== null) return { ...of, repeat: 'weekly', days: (weekly[1] ?? '').split(',') };
  const monthly = /^FREQ=MONTHLY;BYDAY=(-?\d)([A-Z]{2})$/.exec(recurrence);
  const [, position = '', day = ''] = monthly ?? [];
  if (positions.some((known) => known === position))
    return { ...of, repeat: 'monthly', position, days: [day] };
  return { ...of, repeat: 'other' };
}

function recurrenceOf({ repeat, days, position, rrule }: WindowForm): string {
  const known = weekdays.filter((day) => days.includes(day));
  switch (repeat) {
    case 'once':
      return '';
    case 'daily':
      return 'FREQ=DAILY';
    case 'weekly':
      return `FREQ=WEEKLY;BYDAY=${known.join(',')}`;
    case 'monthly':
      return `FREQ=MONTHLY;BYDAY=${position}${known[0] ?? ''}`;
    case 'other':
      return rrule.trim();
  }
}
