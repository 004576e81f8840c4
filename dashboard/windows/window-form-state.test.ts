import { describe, expect, it } from 'vitest';

import { maintenanceWindowSchema } from '../../contracts/maintenance-window.ts';
import { formOfWindow, newWindowForm, windowOfForm } from './window-form-state.ts';

const kept = {
  ...{ windowId: 'patches', title: 'Patches', start: '2026-02-05T22:00:00', timeZone: 'Europe/Berlin' },
  durationMs: 7_200_000,
};

describe('the form of a window', () => {
  it.each([
    [undefined, 'once'],
    ['FREQ=DAILY', 'daily'],
    ['FREQ=WEEKLY;BYDAY=TU,TH', 'weekly'],
    ['FREQ=MONTHLY;BYDAY=-1SU', 'monthly'],
    ['FREQ=MONTHLY;BYDAY=2TU', 'monthly'],
    ['FREQ=MONTHLY;BYDAY=9TU', 'other'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TH', 'other'],
  ])('gives back the window that it was made of: %s is %s', (recurrence, repeat) => {
    const window = maintenanceWindowSchema.parse({
      ...kept,
      ...(recurrence === undefined ? {} : { recurrence }),
      deviceIds: ['d1', 'd2'],
    });
    const form = formOfWindow(window);
    expect(form.repeat).toBe(repeat);
    expect(windowOfForm(form)).toEqual(window);
  });

  it('begins with tonight, and names a window by its title', () => {
    const form = newWindowForm(Date.UTC(2026, 1, 5, 23, 30), 'Europe/Berlin');
    expect(form.start).toBe('2026-02-06T22:00');
    expect(windowOfForm({ ...form, title: 'Reboots, floor 2!' })).toMatchObject({
      windowId: 'reboots-floor-2',
    });
    expect(windowOfForm({ ...form, title: 'x', ruleIds: ' a, b\nc ,' })).toMatchObject({
      ruleIds: ['a', 'b', 'c'],
    });
    expect(
      maintenanceWindowSchema.safeParse(windowOfForm({ ...form, title: 'x', minutes: '' })).success,
    ).toBe(false);
  });
});
