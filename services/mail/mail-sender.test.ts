import { describe, expect, it } from 'vitest';

import { streamedAlert } from '../../stores/alert.fixture.ts';
import { admin, openNotifier } from '../notifier.fixture.ts';
import { createMailSender } from './mail-sender.ts';
import { mailServerOf } from './mail-settings.ts';
import { openSmtpServer, type SmtpRefusal } from './smtp-server.fixture.ts';

const from = 'openframe@msp.example';
const target = { targetId: 'on-call', kind: 'email', address: 'on-call@msp.example', minScore: 2 } as const;

async function open(stack: AsyncDisposableStack, refusals: SmtpRefusal[] = []) {
  const smtp = await openSmtpServer(stack, { refusals });
  const sender = senderTo(smtp.port);
  return { ...(await openNotifier(stack, target, sender)), smtp };
}

function senderTo(port: number, auth: { user: string; pass: string } | null = null) {
  return createMailSender({ host: '127.0.0.1', port, secure: false, from, auth }, 'https://of.example');
}

function header(raw: string, name: string): string[] {
  const [head = ''] = raw.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return lines.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
}

describe('a notification by mail', () => {
  it('is one for an incident, in plain text and HTML', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, smtp, outbox, faults } = await open(stack);
    const of = { incident: { incidentId: 'a3', edge: null } };
    await save(streamedAlert(1), streamedAlert(3, of), streamedAlert(4, of));
    await save(streamedAlert(3, { ...of, count: 7 }));
    start();
    await passed(1_000);
    await passed(60_000);
    expect(smtp.received).toMatchObject([{ from, to: [target.address] }]);
    const [{ raw } = { raw: '' }] = smtp.received;
    const [told] = await outbox.list(admin);
    expect(header(raw, 'subject')).toEqual(['Subject: [ERROR 3] trouble 3']);
    expect(header(raw, 'message-id')).toEqual([`Message-ID: <${told?.notificationId}@msp.example>`]);
    expect(header(raw, 'auto-submitted')).toEqual(['Auto-Submitted: auto-generated']);
    expect(raw).toContain('Content-Type: text/plain');
    expect(raw).toContain('Content-Type: text/html');
    expect(told).toMatchObject({ kind: 'email', state: 'delivered', attempts: [{ status: 250 }] });
    expect(faults).toEqual([]);
  });

  it('has the headers that it should have and no others, whatever a device is called', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, smtp } = await open(stack);
    const title = 'x\r\nBcc: all@evil.example\r\nX-Evil: 1\r\n\r\n.\r\nQUIT <b>\u202e ü';
    await save(streamedAlert(3, { title }));
    start();
    await passed(1_000);
    const [{ raw, to } = { raw: '', to: [] }] = smtp.received;
    expect(to).toEqual([target.address]);
    for (const name of ['bcc', 'x-evil']) expect(header(raw, name)).toEqual([]);
    expect(header(raw, 'subject')).toHaveLength(1);
    expect(header(raw, 'to')).toEqual([`To: ${target.address}`]);
    expect(raw.slice(raw.indexOf('text/html'))).not.toContain('<b>');
  });

  it('is tried again with pauses while the server asks for that, under the same Message-ID', async () => {
    await using stack = new AsyncDisposableStack();
    const busy = { code: 451, message: 'Greylisted, try again later' };
    const { save, start, passed, smtp, outbox } = await open(stack, [busy, busy]);
    await save(streamedAlert(3));
    start();
    for (const ms of [1_000, 5_000, 10_000, 20_000]) await passed(ms);
    expect(smtp.received).toHaveLength(1);
    const [told] = await outbox.list(admin);
    expect(told?.attempts.map(({ status }) => status)).toEqual([451, 451, 250]);
    expect(told?.attempts[0]?.error).toContain('Greylisted');
  });

  it('is tried again when the server is away, and comes when it is back', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, smtp, outbox } = await open(stack);
    await smtp.close();
    await save(streamedAlert(3));
    start();
    await passed(1_000);
    const [waiting] = await outbox.list(admin);
    expect(waiting).toMatchObject({ state: 'pending', attempts: [{ status: null }] });
    expect(waiting?.attempts[0]?.error).toContain('ECONNREFUSED');
    const again = await openSmtpServer(stack, { port: smtp.port });
    for (const ms of [5_000, 10_000]) await passed(ms);
    expect(again.received).toHaveLength(1);
    expect(await outbox.list(admin)).toMatchObject([{ state: 'delivered' }]);
  });

  it('is given up where the mailbox is refused for good, with the reason for people to see', async () => {
    await using stack = new AsyncDisposableStack();
    const gone = { code: 550, message: 'No such mailbox' };
    const { save, start, passed, smtp, outbox, faults } = await open(stack, [gone]);
    await save(streamedAlert(3));
    start();
    for (const ms of [1_000, 60_000]) await passed(ms);
    expect(smtp.received).toEqual([]);
    const [told] = await outbox.list(admin);
    expect(told).toMatchObject({ state: 'failed', attempts: [{ status: 550 }] });
    expect(told?.attempts[0]?.error).toContain('No such mailbox');
    expect(faults).toEqual([expect.stringContaining('No such mailbox')]);
  });

  it('waits where the password is refused, and tells nobody the password', async () => {
    await using stack = new AsyncDisposableStack();
    const auth = { user: 'msp', pass: 'right-secret' };
    const smtp = await openSmtpServer(stack, { auth });
    const wrong = senderTo(smtp.port, { user: 'msp', pass: 'wrong-secret' });
    const { save, start, passed, outbox, faults } = await openNotifier(stack, target, wrong);
    await save(streamedAlert(3));
    start();
    await passed(1_000);
    const [told] = await outbox.list(admin);
    expect(told).toMatchObject({ state: 'pending', attempts: [{ status: 535 }] });
    const shown = JSON.stringify([told, faults]);
    expect(shown).not.toContain('wrong-secret');
    expect(shown).not.toContain(Buffer.from('wrong-secret').toString('base64'));
    if (told === undefined) throw new Error('Nothing is to be told.');
    expect(await senderTo(smtp.port, auth).send(admin, await kept(), told)).toMatchObject({ status: 250 });
    async function kept() {
      const { targets } = await openNotifier(stack, target, wrong);
      const found = (await targets.of(admin)).get('on-call');
      if (found === undefined) throw new Error('There is no target.');
      return found;
    }
  });
});

describe('the mail server of the settings', () => {
  const url = { OPENFRAME_SMTP_URL: 'smtp://mail.example', OPENFRAME_SMTP_FROM: from };

  it('has the port of its protocol unless another is given', () => {
    expect(mailServerOf({})).toBeNull();
    expect(mailServerOf(url)).toMatchObject({ host: 'mail.example', port: 587, secure: false, auth: null });
    expect(mailServerOf({ ...url, OPENFRAME_SMTP_URL: 'smtps://[::1]' })).toMatchObject({
      ...{ host: '::1', port: 465, secure: true },
    });
  });

  it('is refused where half of it is missing', () => {
    const code = 'CONFIGURATION_INVALID';
    expect(() => mailServerOf({ OPENFRAME_SMTP_URL: url.OPENFRAME_SMTP_URL })).toThrow(/OPENFRAME_SMTP_FROM/);
    for (const half of [
      { OPENFRAME_SMTP_USERNAME: 'u' },
      { OPENFRAME_SMTP_PASSWORD: 'p' },
      { OPENFRAME_SMTP_USERNAME: 'u', OPENFRAME_SMTP_PASSWORD_FILE: '/nowhere' },
    ])
      expect(() => mailServerOf({ ...url, ...half })).toThrow(expect.objectContaining({ code }));
  });
});
