import { describe, expect, it } from 'vitest';

import type { Notification } from '../../contracts/notification.ts';
import { incidentMail } from './incident-mail.ts';

const scope = { tenantId: 'acme' };

function notification(title: string): Notification {
  return {
    ...{ notificationId: 'n1', kind: 'email', targetId: 'on-call', incidentId: 'a3~2', alertId: 'a3', title },
    ...{ severity: 'ERROR', score: 73.4, state: 'pending', createdMs: 0, nextAttemptMs: 0, attempts: [] },
  };
}

describe('a mail about an incident', () => {
  it('says what is wrong, how bad it is and where to look', () => {
    const mail = incidentMail(scope, notification('srv-1: disk is full'), 'https://of.example/');
    expect(mail.subject).toBe('[ERROR 73] srv-1: disk is full');
    expect(mail.text).toContain('Customer: acme\n');
    expect(mail.text).toContain('https://of.example/incidents/a3~2\n');
    expect(mail.html).toContain('<a href="https://of.example/incidents/a3~2">');
    expect(incidentMail(scope, notification('x'), undefined).html).not.toContain('<a ');
  });

  it.each([
    ['markup', '<img src=x onerror=alert(1)><script>1</script>'],
    ['an attribute', `" onmouseover="x" '`],
    ['headers', 'full\r\nBcc: all@evil.example\r\n\r\nbody'],
    ['other line breaks', 'a\u2028b\u0085c\u000bd\u0000e'],
    ['turned text', 'safe\u202egnp.exe\u200b\u2066x'],
    ['half a character', 'x\ud800y'],
  ])('keeps %s of a device inert', (_what, title) => {
    const { subject, text, html } = incidentMail(scope, notification(title), undefined);
    expect(subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    const [line = '', empty] = text.split('\n');
    expect(`[ERROR 73] ${line}`).toBe(subject);
    expect(empty).toBe('');
    const body = html.slice(html.indexOf('<h1'), html.indexOf('</h1>')).replace(/^<h1[^>]*>/, '');
    expect(body).not.toMatch(/[<>"']/);
  });

  it('makes no link of what a device is called, and cuts what is long', () => {
    const { text, html, subject } = incidentMail(
      scope,
      notification('see https://evil.example/www.x'),
      undefined,
    );
    expect(text + html).not.toContain('://');
    expect(text).toContain('https[:]//evil.example/www[.]x');
    expect(subject.length).toBeLessThan(200);
    expect([...incidentMail(scope, notification('🔥'.repeat(500)), undefined).subject].length).toBeLessThan(
      200,
    );
  });
});
